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

impl Run<'_> {
    /// Finds out whether what is held may go on: by the checks that are asked before production traffic, where this is
    /// the place for them; otherwise by a person's word.
    pub(super) async fn examine(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?;
        let ComponentPhase::Paused { pause } = &component.phase else {
            return Err(Halt::Suspend(format!("`{name}` is not held at a hook")));
        };
        if pause.is_before_production() && !self.service(name)?.smoke_before_traffic.is_empty() {
            return self.test(name).await;
        }
        match self.settings.word_at_pause {
            Some(PauseWord::Continue) => Ok(vec![cleared(name, ClearedBy::Person, Vec::new())]),
            Some(PauseWord::Rollback) => {
                let message = format!("a person declined it at {}", place(pause));
                let failure = Failure::new(FailureKind::Declined, message);
                Ok(vec![Event::Failed { component: name.clone(), failure, end: None, results: Vec::new() }])
            }
            None => self.wait_for_person(name, component, pause).await,
        }
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

    /// Waits until somebody has answered the hook, or leaves that to a later run.
    async fn wait_for_person(
        &self,
        name: &ComponentName,
        component: &Component,
        pause: &Pause,
    ) -> Result<Vec<Event>, Halt> {
        let mut last_contact = self.world.clock.now();
        loop {
            match self.our_service_deployment(component).await {
                Ok(Some(ours)) if waits_at(&ours, pause) => {
                    last_contact = self.world.clock.now();
                    if self.service(name)?.on_pause == OnPause::Leave {
                        return Err(Halt::Suspend(format!(
                            "the rollout of `{name}` waits at {} for a person; ECS goes on waiting{}",
                            place(pause),
                            until(pause)
                        )));
                    }
                }
                // Somebody has answered, or ECS waits no longer: what comes of it is watched.
                Ok(Some(_) | None) => return Ok(vec![Event::Continued { component: name.clone() }]),
                Err(error) => self.endure(&error, last_contact)?,
            }
            self.wait(LOOK_EVERY).await?;
        }
    }

    /// Tells ECS that the component may go on, unless it has gone on already.
    pub(super) async fn answer_pause(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?;
        let ComponentPhase::Cleared { pause } = &component.phase else {
            return Err(Halt::Suspend(format!("`{name}` is not cleared to go on")));
        };
        let mut last_contact = self.world.clock.now();
        loop {
            match self.our_service_deployment(component).await {
                Ok(Some(ours)) if waits_at(&ours, pause) => {
                    last_contact = self.world.clock.now();
                    if self.send_answer(&ours.arn, pause).await? {
                        return Ok(vec![Event::Continued { component: name.clone() }]);
                    }
                }
                Ok(Some(_) | None) => return Ok(vec![Event::Continued { component: name.clone() }]),
                Err(error) => self.endure(&error, last_contact)?,
            }
            if self.world.clock.now() >= last_contact + CONTACT_LOST {
                return Err(Halt::Suspend(format!("ECS does not take the answer at {}", place(pause))));
            }
            self.wait(Duration::from_secs(3)).await?;
        }
    }

    /// Whether ECS took the answer; where that is not known, reading tells.
    async fn send_answer(&self, deployment: &ServiceDeploymentArn, pause: &Pause) -> Result<bool, Halt> {
        let sent = self.world.services.answer(deployment, &pause.hook, PauseWord::Continue);
        let operation = "ecs:ContinueServiceDeployment";
        match call::write(&*self.world.clock, self.settings.call_deadline, operation, sent).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_about_the_caller() => Err(Halt::Suspend(error.to_string())),
            Err(error) => {
                self.trouble(error.to_string());
                Ok(false)
            }
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
