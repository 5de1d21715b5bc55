//! Effects Examine and Answer: a rollout that ECS holds at a hook is tested, and ECS is told how it goes on.

use std::time::Duration;

use crate::{
    config::OnPause,
    identifier::{ComponentName, DeploymentId, ServiceDeploymentArn},
    ports::CallError,
    promotion::{ClearedBy, Component, ComponentPhase, ComponentPlan, Event, Failure, FailureKind},
    rollout::{Pause, PauseWord, ServiceDeployment, ServiceDeploymentStatus},
    smoke::CheckOutcome,
};

use super::{
    call,
    run::{CONTACT_LOST, Halt, Run},
    smoke,
};

/// How long to wait between two looks at what waits for a person.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long to wait before a look that brought nothing is made again.
const LOOK_AGAIN: Duration = Duration::from_secs(3);

impl Run<'_> {
    /// Finds out whether what is held may go on: by the checks that are asked before production traffic, where this is
    /// the place for them; otherwise by a person's word.
    pub(super) async fn examine(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?;
        let Some(pause) = component.held_at() else {
            return Err(Halt::Suspend(format!("`{name}` is not held at a hook")));
        };
        if pause.is_before_production() && !self.service(name)?.smoke_before_traffic.is_empty() {
            return self.test(name).await;
        }
        match self.settings.word_at_pause.filter(|_| self.is_meant(name, pause)) {
            Some(PauseWord::Continue) => Ok(vec![cleared(name, ClearedBy::Person, Vec::new())]),
            Some(PauseWord::Rollback) => {
                let message = format!("a person declined it at {}", place(pause));
                let failure = Failure::new(FailureKind::Declined, message);
                Ok(vec![Event::Failed { component: name.clone(), failure, end: None, results: Vec::new() }])
            }
            None => self.wait_for_person(name, component, pause).await,
        }
    }

    /// Whether a person's word was about this pause: it had been journaled when the word was given. Later ones are
    /// other questions.
    fn is_meant(&self, name: &ComponentName, pause: &Pause) -> bool {
        self.paused_at_first.iter().any(|(component, known)| component == name && known.is_same_place(pause))
    }

    async fn test(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let expected = self.release.as_ref().map(|release| (&release.version, &release.commit));
        let templates = &self.service(name)?.smoke_before_traffic;
        let results = self.ask_these(name, templates, expected).await?;
        match results.iter().find(|result| result.outcome != CheckOutcome::Passed) {
            Some(failed) => {
                let message = format!("before production traffic: {}", smoke::words(failed));
                let failure = Failure::new(FailureKind::Smoke, message);
                Ok(vec![Event::Failed { component: name.clone(), failure, end: None, results }])
            }
            None => Ok(vec![cleared(name, ClearedBy::Smoke, results)]),
        }
    }

    /// Sees whether somebody has answered the hook, or leaves that to a later run. One look at a time, so that the lease
    /// is looked after in between.
    async fn wait_for_person(
        &self,
        name: &ComponentName,
        component: &Component,
        pause: &Pause,
    ) -> Result<Vec<Event>, Halt> {
        match self.still_waits(component, pause).await? {
            // Somebody has answered, or ECS waits no longer: what comes of it is watched.
            Some(false) => return Ok(vec![Event::Continued { component: name.clone() }]),
            Some(true) if self.service(name)?.on_pause == OnPause::Leave => {
                return Err(Halt::Suspend(format!(
                    "the rollout of `{name}` waits at {} for a person; ECS goes on waiting{}",
                    place(pause),
                    until(pause)
                )));
            }
            Some(true) => self.wait(self.jittered(LOOK_EVERY)).await?,
            None => self.wait(LOOK_AGAIN).await?,
        }
        Ok(Vec::new())
    }

    /// Tells ECS that the component may go on, unless it has gone on already.
    pub(super) async fn answer_pause(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?;
        let ComponentPhase::Cleared { pause } = &component.phase else {
            return Err(Halt::Suspend(format!("`{name}` is not cleared to go on")));
        };
        let cleared = self.journal.last_of(name, "cleared").unwrap_or(self.began_at).max(self.began_at);
        if self.world.clock.now() >= cleared + CONTACT_LOST {
            return Err(Halt::Suspend(format!("ECS does not take the answer at {}", place(pause))));
        }
        let known = self.rollouts.get(name).and_then(|following| following.watch.service_deployment()).cloned();
        let arn = match known {
            Some(arn) => Some(arn),
            None => self.our_service_deployment(component).await.ok().flatten().map(|ours| ours.arn),
        };
        let is_answered = match (self.still_waits(component, pause).await?, arn) {
            (Some(false), _) => true,
            (Some(true), Some(arn)) => self.send_answer(&arn, pause).await?,
            (Some(true) | None, _) => false,
        };
        if is_answered {
            return Ok(vec![Event::Continued { component: name.clone() }]);
        }
        self.wait(LOOK_AGAIN).await?;
        Ok(Vec::new())
    }

    /// Whether ECS still waits at that hook; nothing where that cannot be told now. Reads lag: that it waits no longer
    /// is believed after a second look.
    async fn still_waits(&self, component: &Component, pause: &Pause) -> Result<Option<bool>, Halt> {
        for is_second in [false, true] {
            match self.our_service_deployment(component).await {
                Ok(Some(ours)) if waits_at(&ours, pause) => {
                    self.in_contact();
                    return Ok(Some(true));
                }
                Ok(Some(_)) if is_second => {
                    self.in_contact();
                    return Ok(Some(false));
                }
                Ok(Some(_)) => self.wait(LOOK_AGAIN).await?,
                Ok(None) => {
                    self.out_of_contact(format!("ECS does not show the rollout that waits at {}", place(pause)))?;
                    return Ok(None);
                }
                Err(error) if error.is_passing() || error.is_ambiguous() => {
                    self.out_of_contact(error.to_string())?;
                    return Ok(None);
                }
                Err(error) => return Err(Halt::Suspend(error.to_string())),
            }
        }
        Ok(None)
    }

    /// Whether ECS took the answer; where that is not known, reading tells.
    async fn send_answer(&self, deployment: &ServiceDeploymentArn, pause: &Pause) -> Result<bool, Halt> {
        self.may_begin()?;
        let sent = self.world.services.answer(deployment, &pause.hook, PauseWord::Continue);
        let operation = "ecs:ContinueServiceDeployment";
        match call::write(&*self.world.clock, self.settings.call_deadline, operation, sent).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_about_the_caller() => Err(Halt::Suspend(error.to_string())),
            Err(error) => self.out_of_contact(error.to_string()).map(|()| false),
        }
    }

    /// The component's service deployment as it is now; nothing where ECS does not show it.
    pub(super) async fn our_service_deployment(
        &self,
        component: &Component,
    ) -> Result<Option<ServiceDeployment>, CallError> {
        let plan = &component.plan;
        let Some(deployment) = &component.deployment else {
            return Ok(None);
        };
        let known = self.rollouts.get(&plan.component).and_then(|following| following.watch.service_deployment());
        let found = if known.is_some() { None } else { self.listed_as_ours(plan, deployment).await? };
        let Some(arn) = known.cloned().or(found) else {
            return Ok(None);
        };
        Ok(self.in_full(std::slice::from_ref(&arn)).await?.pop())
    }

    /// The service deployment that brings this deployment, where ECS lists it.
    async fn listed_as_ours(
        &self,
        plan: &ComponentPlan,
        deployment: &DeploymentId,
    ) -> Result<Option<ServiceDeploymentArn>, CallError> {
        let listed = self.world.services.deployments(&plan.service, plan.listed_after);
        let listed = self.read("ecs:ListServiceDeployments", listed).await?.unwrap_or_default();
        let is_ours = |one: &ServiceDeployment| {
            !plan.seen.contains(&one.arn) && one.target.as_ref().is_some_and(|target| target.is_of(deployment))
        };
        Ok(listed.into_iter().find(|one| is_ours(one)).map(|ours| ours.arn))
    }
}

fn waits_at(deployment: &ServiceDeployment, pause: &Pause) -> bool {
    let is_over = deployment.status.is_final();
    let is_going_back = matches!(
        deployment.status,
        ServiceDeploymentStatus::StopRequested
            | ServiceDeploymentStatus::RollbackRequested
            | ServiceDeploymentStatus::RollbackInProgress
    );
    !is_over && !is_going_back && deployment.pauses.iter().any(|other| other.hook == pause.hook)
}

fn cleared(name: &ComponentName, by: ClearedBy, results: Vec<crate::smoke::CheckResult>) -> Event {
    Event::Cleared { component: name.clone(), by, results }
}

/// Where it waits, for people.
fn place(pause: &Pause) -> String {
    match &pause.stage {
        Some(stage) => format!("the hook {} of stage {stage}", pause.hook),
        None => format!("the hook {}", pause.hook),
    }
}

fn until(pause: &Pause) -> String {
    match (&pause.expires_at, &pause.then) {
        (Some(at), Some(then)) => format!(" until {at}, then it does {then}"),
        (Some(at), None) => format!(" until {at}"),
        (None, _) => String::new(),
    }
}
