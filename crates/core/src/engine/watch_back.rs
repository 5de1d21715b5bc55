//! Effect `WatchRollback`: what was set again is watched and proven like any deployment, and smoked like any release.

use std::time::Duration;

use crate::{
    identifier::{ComponentName, DeploymentId},
    ledger::Releases,
    ports::{CallError, ServiceUpdate},
    promotion::{Component, ComponentPhase, Event, RestoredBy, Target},
    release::Release,
    rollout::{
        DeploymentConfiguration, Listing, Look, Others, Pause, PauseWord, Proof, RolloutEnd, ServiceSnapshot, Verdict,
        Waiting, Watch, next_look,
    },
    smoke::CheckOutcome,
};

use super::{
    call,
    evidence::Patient,
    looks::Following,
    run::{CONTACT_LOST, Halt, Run},
    smoke,
    watch::Proven,
    way_back::stuck,
};

/// How long a way back may take before nobody can say how it ends; what ECS waits on purpose comes on top.
const WAY_BACK: Duration = Duration::from_mins(30);

impl Run<'_> {
    /// Watches the way back, proves what serves, and asks the smoke checks of what was gone back to.
    pub(super) async fn watch_rollback(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?.clone();
        let (ComponentPhase::RollingBack { by, deployment }, Some(target)) = (&component.phase, &component.plan.target)
        else {
            return Err(Halt::Suspend(format!("`{name}` is not on its way back")));
        };
        let now = self.world.clock.now();
        let revision = component.restored.clone().unwrap_or_else(|| target.serving.task_definition.clone());
        let watch =
            Watch::new(deployment.clone(), revision, component.deployment.clone(), component.plan.seen.clone(), now);
        let following = Following::of_way_back(watch, now, self.rollouts.get(name));
        self.rollouts.insert(name.clone(), following);
        let mut last_contact = now;
        let mut until = now + WAY_BACK + Duration::from_secs(component.plan.patience_seconds);
        loop {
            self.keep_lease().await?;
            let waiting = match self.look_back(&component, *by).await {
                Err(error) => {
                    self.endure(&error, last_contact)?;
                    Waiting::Missing
                }
                Ok(look) => {
                    last_contact = look.at;
                    match self.judge_back(name, &look).await {
                        Verdict::Wait(waiting) => waiting,
                        // What a way back brings was proven before: it waits for nobody.
                        Verdict::Paused(pause) => {
                            self.release_pause(name, &pause).await;
                            Waiting::Failing
                        }
                        Verdict::Ended(end) => {
                            if let Some(event) = self.back(&component, target, deployment, end, &look).await? {
                                return self.came_back(&component, target, *by, event).await;
                            }
                            until = until.min(self.world.clock.now() + CONTACT_LOST);
                            Waiting::Starting
                        }
                    }
                }
            };
            if self.world.clock.now() >= until {
                return Err(Halt::Suspend(format!("the way back of `{name}` did not end within its time")));
            }
            self.wait(next_look(waiting, Duration::from_mins(1))).await?;
        }
    }

    /// What a look at a way back amounts to; one whose tasks end again and again is given up like any rollout.
    async fn judge_back(&mut self, name: &ComponentName, look: &Look) -> Verdict {
        let Some(following) = self.rollouts.get_mut(name) else {
            return Verdict::Wait(Waiting::NotVisible);
        };
        let verdict = following.watch.judge(look);
        following.saw(look.service.as_ref());
        self.tell_events(name);
        let Verdict::Wait(waiting) = verdict else {
            return verdict;
        };
        self.tell(name, look.service.as_ref(), waiting);
        match self.suspects(&[(name.clone(), waiting)], 1).await.pop() {
            Some((_, why)) => Verdict::Ended(RolloutEnd::GivenUp { why }),
            None => Verdict::Wait(waiting),
        }
    }

    /// The last things to be done about a way back that has ended: how ECS deploys is as it was, and what went wrong is
    /// found out.
    async fn came_back(
        &mut self,
        component: &Component,
        target: &Target,
        by: RestoredBy,
        event: Event,
    ) -> Result<Vec<Event>, Halt> {
        let name = &component.plan.component;
        if matches!(event, Event::Stuck { .. }) {
            let event = self.with_what_is_set(component, event);
            let following = self.rollouts.get(name);
            let patient = following.map(|following| Patient {
                component,
                deployment: &following.watch.deployment,
                revision: component.restored.as_ref().unwrap_or(&target.serving.task_definition),
                service: following.last.as_ref(),
                seen: following.ended.values().cloned().collect(),
            });
            let diagnosis = match patient {
                Some(patient) => self.examine_patient(patient).await,
                None => None,
            };
            let diagnosed =
                diagnosis.map(|diagnosis| Event::Diagnosed { component: name.clone(), diagnosis: Box::new(diagnosis) });
            return Ok(diagnosed.into_iter().chain([event]).collect());
        }
        if let (RestoredBy::Ecs, Some(change), Event::RolledBack { .. }) = (by, &component.plan.configuration, &event) {
            self.configure(component, target, &change.before).await?;
        }
        Ok(vec![event])
    }

    /// A person has to act: the last look says on what.
    fn with_what_is_set(&self, component: &Component, event: Event) -> Event {
        let Event::Stuck { component: name, why } = event else {
            return event;
        };
        let last = self.rollouts.get(&name).and_then(|following| following.last.as_ref());
        let Some((service, set)) = last.and_then(|service| Some((service, service.task_definition.as_ref()?))) else {
            return Event::Stuck { component: name, why };
        };
        let why = format!(
            "{why}; {} is set to {}, and {} of {} wanted tasks run",
            component.plan.service,
            set.short(),
            service.running,
            service.desired
        );
        Event::Stuck { component: name, why }
    }

    /// ECS put the old revision back, not how it deploys: that is set as it was. Setting it twice does no harm.
    async fn configure(
        &mut self,
        component: &Component,
        target: &Target,
        before: &DeploymentConfiguration,
    ) -> Result<(), Halt> {
        let update = ServiceUpdate {
            task_definition: target.serving.task_definition.clone(),
            configuration: Some(before.clone()),
            anew: false,
        };
        for _ in 0..3 {
            self.renew_lease().await?;
            let services = std::slice::from_ref(&component.plan.service);
            let described = self.read("ecs:DescribeServices", self.world.services.describe(services)).await;
            let service = described.ok().and_then(|mut found| found.pop().flatten());
            let primary = service.as_ref().and_then(ServiceSnapshot::primary);
            if primary.is_some_and(|primary| primary.task_definition != target.serving.task_definition) {
                self.trouble(format!("how ECS deploys {} is left to who deployed there since", component.plan.service));
                return Ok(());
            }
            self.may_begin()?;
            let sent = self.world.services.update(&component.plan.service, &update);
            match call::write(&*self.world.clock, self.settings.call_deadline, "ecs:UpdateService", sent).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    self.trouble(format!("how ECS deploys {} was not put back: {error}", component.plan.service));
                }
            }
            self.wait(Duration::from_secs(3)).await?;
        }
        Err(Halt::Suspend(format!("what served is back, but how ECS deploys {} is not", component.plan.service)))
    }

    async fn release_pause(&self, name: &ComponentName, pause: &Pause) {
        let following = self.rollouts.get(name);
        let Some(deployment) = following.and_then(|following| following.watch.service_deployment()) else {
            return;
        };
        if self.may_begin().is_err() {
            // The run that goes on with it sees that it waits.
            return;
        }
        let sent = self.world.services.answer(deployment, &pause.hook, PauseWord::Continue);
        let operation = "ecs:ContinueServiceDeployment";
        if let Err(error) = call::write(&*self.world.clock, self.settings.call_deadline, operation, sent).await {
            self.trouble(error.to_string());
        }
    }

    /// ECS makes no service deployment for its own rollback, so that one is judged by the classic model.
    async fn look_back(&self, component: &Component, by: RestoredBy) -> Result<Look, CallError> {
        let services = &self.world.services;
        let plan = &component.plan;
        let described = self.read("ecs:DescribeServices", services.describe(std::slice::from_ref(&plan.service)));
        let service = described.await?.pop().flatten();
        let following = self.rollouts.get(&plan.component);
        let known = following.and_then(|following| following.watch.service_deployment());
        let service_deployments = match (by, known) {
            (RestoredBy::Ecs, _) => Listing::NotOffered,
            (RestoredBy::Towpath, Some(known)) => Listing::Came(self.in_full(std::slice::from_ref(known)).await?),
            (RestoredBy::Towpath, None) => {
                let listed = services.deployments(&plan.service, plan.listed_after);
                let listed = self.read("ecs:ListServiceDeployments", listed).await?;
                listed.map_or(Listing::NotOffered, Listing::Came)
            }
        };
        Ok(Look { at: self.world.clock.now(), service, service_deployments })
    }

    /// What the end of a way back amounts to; `None` where it is not proven yet.
    async fn back(
        &self,
        component: &Component,
        target: &Target,
        deployment: &DeploymentId,
        end: RolloutEnd,
        look: &Look,
    ) -> Result<Option<Event>, Halt> {
        let name = component.plan.component.clone();
        match end {
            RolloutEnd::Completed { .. } => {}
            RolloutEnd::Empty => {
                return Ok(Some(stuck(
                    component,
                    "it is set back, but the service wants no tasks, so nothing is proven",
                )));
            }
            RolloutEnd::Superseded { by } => {
                return Ok(Some(Event::Superseded { component: name, by }));
            }
            RolloutEnd::RolledBack { reason, .. }
            | RolloutEnd::Stopped { reason }
            | RolloutEnd::RollbackFailed { reason } => {
                return Ok(Some(stuck(component, &format!("ECS gave the way back up: {reason}"))));
            }
            RolloutEnd::GivenUp { why } => {
                return Ok(Some(stuck(component, &format!("the way back was given up: {why}"))));
            }
            RolloutEnd::Gone => return Ok(Some(stuck(component, "the service was deleted"))),
            RolloutEnd::NotApplied => {
                return Ok(Some(stuck(component, "ECS shows no trace of the way back")));
            }
        }
        let desired = look.service.as_ref().map_or(component.plan.desired, |service| service.desired);
        let revision = component.restored.as_ref().unwrap_or(&target.serving.task_definition);
        let what = Proven { deployment, revision, desired, others: Others::AreGone };
        let proof = self.prove(&component.plan, target.image.as_ref(), &what).await;
        match proof {
            Ok(Proof::Proven { .. }) => self.smoke_after(component, target).await.map(Some),
            Ok(Proof::NotYet { .. }) => Ok(None),
            Ok(Proof::Wrong { task, digest }) => {
                Ok(Some(stuck(component, &format!("task {} runs {digest}, not what was gone back to", task.short()))))
            }
            Err(error) if error.is_passing() => Ok(None),
            Err(error) if error.is_not_found() => Ok(Some(stuck(component, &format!("nobody can prove it: {error}")))),
            Err(error) => Err(Halt::Suspend(error.to_string())),
        }
    }

    async fn smoke_after(&self, component: &Component, target: &Target) -> Result<Event, Halt> {
        let name = &component.plan.component;
        let release = self.release_of(target).await;
        let expected = release.as_ref().map(|release| (&release.version, &release.commit));
        let results = self.ask(name, expected).await?;
        match results.iter().find(|result| result.outcome != CheckOutcome::Passed) {
            Some(failed) => {
                Ok(stuck(component, &format!("what was gone back to does not pass either: {}", smoke::words(failed))))
            }
            None => Ok(Event::RolledBack { component: name.clone(), results }),
        }
    }

    async fn release_of(&self, target: &Target) -> Option<Release> {
        let version = target.serving.version.as_ref()?;
        Releases::new(&*self.world.store).get(version).await.ok()
    }
}
