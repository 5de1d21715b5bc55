//! Effects `RollBack` and `WatchRollback`: what was proven serves again, and that is proven like a deployment.

use std::time::Duration;

use crate::{
    identifier::{ComponentName, DeploymentId, TaskDefinitionArn},
    ledger::Releases,
    ports::{CallError, Fault, ServiceUpdate},
    promotion::{Component, ComponentPhase, Event, RestoredBy, Target},
    release::Release,
    rollback::{EcsRollback, RollbackDecision, decide},
    rollout::{
        DeploymentConfiguration, Listing, Look, Pause, PauseWord, Proof, RolloutEnd, ServiceDeployment,
        ServiceDeploymentStatus, ServiceSnapshot, Verdict, Waiting, Watch, next_look,
    },
    smoke::CheckOutcome,
};

use super::{
    call,
    evidence::Patient,
    looks::Following,
    run::{CONTACT_LOST, Halt, Run},
    smoke,
    update::{Before, Trace},
};

/// How long ECS may take to show a rollback that it has announced.
const ANNOUNCED: Duration = Duration::from_mins(2);
/// How long a way back may take before nobody can say how it ends.
const WAY_BACK: Duration = Duration::from_mins(30);

impl Run<'_> {
    /// Puts the component's rollback target back, or sees ECS doing it.
    pub(super) async fn roll_back(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        self.keep_lease().await?;
        let component = self.component(name)?.clone();
        let Some(ours) = self.deployment_of(&component).await? else {
            // It was registered, and the service was never told.
            return Ok(vec![Event::RolledBack { component: name.clone(), results: Vec::new() }]);
        };
        let mut announced = announced(&component);
        let began = self.world.clock.now();
        let mut may_stop = true;
        loop {
            let service = self.look_once(&component).await?;
            // Our service deployment knows best what ECS is about: a stop that a run before this one has asked for too.
            let rolling = self.our_service_deployment(&component).await.ok().flatten();
            announced = rolling.as_ref().map_or(announced, |rolling| word_of(rolling, announced));
            match decide(&component.plan, &ours, service.as_ref(), announced) {
                RollbackDecision::LeaveToEcs { deployment } => {
                    let by = if self.is_ours_already(&component, &deployment) {
                        RestoredBy::Towpath
                    } else {
                        RestoredBy::Ecs
                    };
                    return Ok(vec![Event::RollbackBegan { component: name.clone(), by, deployment, revision: None }]);
                }
                RollbackDecision::Superseded { by } => {
                    return Ok(vec![Event::Superseded { component: name.clone(), by: Some(by) }]);
                }
                RollbackDecision::Impossible { why } => {
                    return Ok(vec![Event::Stuck { component: name.clone(), why }]);
                }
                RollbackDecision::Update { .. } if may_stop && self.can_stop(&component, rolling.as_ref()) => {
                    may_stop = false;
                    if let Some(rolling) = &rolling {
                        self.stop(rolling).await?;
                    }
                }
                RollbackDecision::Update { .. } => {
                    let primary = service.as_ref().and_then(ServiceSnapshot::primary);
                    let replaced = primary.map_or(ours, |primary| primary.id.clone());
                    return self.set_back(&component, &replaced).await;
                }
                RollbackDecision::LookAgain if self.world.clock.now() >= began + ANNOUNCED => {
                    return self.set_back(&component, &ours).await;
                }
                RollbackDecision::LookAgain => self.wait(Duration::from_secs(3)).await?,
            }
        }
    }

    /// Whether ECS can be asked to go back by itself: our rollout is still under way, and what ECS would go back to (the
    /// last that was complete) is our target. It is the gentler way: traffic that was shifted is shifted back at once.
    fn can_stop(&self, component: &Component, rolling: Option<&ServiceDeployment>) -> bool {
        let plan = &component.plan;
        let target = plan.target.as_ref().map(|target| &target.serving.task_definition);
        let before = plan.before.as_ref().map(|before| &before.task_definition);
        let is_under_way = rolling.is_some_and(|rolling| match &rolling.status {
            ServiceDeploymentStatus::Pending | ServiceDeploymentStatus::InProgress => true,
            ServiceDeploymentStatus::StopRequested
            | ServiceDeploymentStatus::Stopped
            | ServiceDeploymentStatus::RollbackRequested
            | ServiceDeploymentStatus::RollbackInProgress
            | ServiceDeploymentStatus::RollbackSuccessful
            | ServiceDeploymentStatus::RollbackFailed
            | ServiceDeploymentStatus::Successful
            | ServiceDeploymentStatus::Unknown(_) => false,
        });
        target.is_some() && target == before && is_under_way
    }

    /// Asks ECS to stop our rollout and to go back. Where it does not take that, the usual way back is left.
    async fn stop(&mut self, rolling: &ServiceDeployment) -> Result<(), Halt> {
        self.renew_lease().await?;
        let sent = self.world.services.stop(&rolling.arn);
        let operation = "ecs:StopServiceDeployment";
        if let Err(error) = call::write(&*self.world.clock, self.settings.call_deadline, operation, sent).await {
            self.trouble(format!("{error}; looking how it stands"));
        }
        Ok(())
    }

    /// Our deployment of the bad release; for a component that a crash left in doubt, settled by reading.
    async fn deployment_of(&self, component: &Component) -> Result<Option<DeploymentId>, Halt> {
        if let Some(deployment) = &component.deployment {
            return Ok(Some(deployment.clone()));
        }
        let (Some(revision), true) = (&component.revision, self.is_resumed) else {
            return Ok(None);
        };
        let plan = &component.plan;
        let before = Before {
            service: &plan.service,
            wanted: revision,
            primary: plan.base_deployment.as_ref(),
            base: plan.base_deployment.as_ref(),
            seen: &plan.seen,
            listed_after: plan.listed_after,
            configuration: None,
        };
        match self.trace(&before, self.world.clock.now()).await? {
            Trace::Applied(deployment) => Ok(Some(deployment)),
            Trace::NotApplied | Trace::SomebodyElse(_) => Ok(None),
        }
    }

    /// Whether a run before this one has sent the way back already: ECS's own rollback returns to the old deployment,
    /// or follows an announcement.
    fn is_ours_already(&self, component: &Component, deployment: &DeploymentId) -> bool {
        self.is_resumed
            && announced(component) == EcsRollback::NotAnnounced
            && component.plan.base_deployment.as_ref() != Some(deployment)
    }

    /// Sets the service to the target, over the deployment that is primary now. A resumed run first reads whether the
    /// run before has sent that already.
    async fn set_back(&mut self, component: &Component, replaced: &DeploymentId) -> Result<Vec<Event>, Halt> {
        let Some(target) = &component.plan.target else {
            return Ok(vec![stuck(component, "there is nothing to go back to")]);
        };
        let wanted = &target.serving.task_definition;
        match self.send_back_to(component, replaced, wanted).await? {
            Ok(events) => Ok(events),
            // Somebody deregistered it meanwhile: an identical one is what was proven, under another number.
            Err(error) if is_inactive(&error) => match self.identical(wanted).await? {
                Ok(revision) => {
                    self.trouble(format!("{} is no longer active; {} is the same", wanted.short(), revision.short()));
                    let sent = self.send_back_to(component, replaced, &revision).await?;
                    Ok(sent.unwrap_or_else(|error| vec![unsent(component, &error)]))
                }
                Err(why) => Ok(vec![stuck(component, &format!("{}; {why}", unsent_words(&error)))]),
            },
            Err(error) => Ok(vec![unsent(component, &error)]),
        }
    }

    async fn send_back_to(
        &mut self,
        component: &Component,
        replaced: &DeploymentId,
        wanted: &TaskDefinitionArn,
    ) -> Result<Result<Vec<Event>, CallError>, Halt> {
        let plan = &component.plan;
        let before = Before {
            service: &plan.service,
            wanted,
            primary: Some(replaced),
            base: plan.base_deployment.as_ref(),
            seen: &plan.seen,
            listed_after: plan.listed_after,
            configuration: plan.configuration.as_ref().map(|change| &change.before),
        };
        let is_targets_own = plan.target.as_ref().is_some_and(|target| target.serving.task_definition == *wanted);
        let began = |deployment| {
            let revision = (!is_targets_own).then(|| wanted.clone());
            vec![Event::RollbackBegan {
                component: plan.component.clone(),
                by: RestoredBy::Towpath,
                deployment,
                revision,
            }]
        };
        if self.is_resumed
            && let Trace::Applied(deployment) = self.trace(&before, self.world.clock.now()).await?
        {
            return Ok(Ok(began(deployment)));
        }
        self.renew_lease().await?;
        match self.set_service(&before).await? {
            Ok(Trace::Applied(deployment)) => Ok(Ok(began(deployment))),
            Ok(Trace::SomebodyElse(by)) => {
                Ok(Ok(vec![Event::Superseded { component: plan.component.clone(), by: Some(by) }]))
            }
            Ok(Trace::NotApplied) => {
                self.again(format!("ECS did not carry out the rollback of {}", plan.service)).await.map(Ok)
            }
            Err(error) if error.is_passing() => self.again(error.to_string()).await.map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// An active revision with the same document, registered where there is none; why not, where it cannot be.
    async fn identical(&self, revision: &TaskDefinitionArn) -> Result<Result<TaskDefinitionArn, String>, Halt> {
        let described = self.world.task_definitions.describe(revision);
        let document = match self.read("ecs:DescribeTaskDefinition", described).await {
            Ok(Some(found)) => found.document,
            Ok(None) => return Ok(Err(format!("{} does not exist any more", revision.short()))),
            Err(error) => return Ok(Err(error.to_string())),
        };
        Ok(self.registered_again(&document).await.map_err(|error| error.to_string()))
    }

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
        self.rollouts.insert(name.clone(), Following::of_way_back(watch, now));
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
        match self.suspects(&[(name.clone(), waiting)]).await.pop() {
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
                revision: &target.serving.task_definition,
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
        };
        for _ in 0..3 {
            self.renew_lease().await?;
            let sent = self.world.services.update(&component.plan.service, &update);
            match call::write(&*self.world.clock, self.settings.call_deadline, "ecs:UpdateService", sent).await {
                Ok(_) => return Ok(()),
                Err(error) => {
                    self.trouble(format!("how ECS deploys {} was not put back: {error}", component.plan.service))
                }
            }
            self.wait(Duration::from_secs(3)).await?;
        }
        Ok(())
    }

    async fn release_pause(&self, name: &ComponentName, pause: &Pause) {
        let following = self.rollouts.get(name);
        let Some(deployment) = following.and_then(|following| following.watch.service_deployment()) else {
            return;
        };
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
        let proof = self.prove(&component.plan, deployment, revision, target.image.as_ref(), desired).await;
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

    async fn look_once(&self, component: &Component) -> Result<Option<ServiceSnapshot>, Halt> {
        let began = self.world.clock.now();
        loop {
            let services = std::slice::from_ref(&component.plan.service);
            match self.read("ecs:DescribeServices", self.world.services.describe(services)).await {
                Ok(mut snapshots) => return Ok(snapshots.pop().flatten()),
                Err(error) => self.endure(&error, began)?,
            }
            self.wait(Duration::from_secs(3)).await?;
        }
    }
}

/// Whether ECS has said that it rolls our deployment back by itself.
fn announced(component: &Component) -> EcsRollback {
    match component.rollout {
        Some(RolloutEnd::RolledBack { .. } | RolloutEnd::RollbackFailed { .. }) => EcsRollback::Announced,
        Some(
            RolloutEnd::Completed { .. }
            | RolloutEnd::Empty
            | RolloutEnd::Stopped { .. }
            | RolloutEnd::Superseded { .. }
            | RolloutEnd::GivenUp { .. }
            | RolloutEnd::Gone
            | RolloutEnd::NotApplied,
        )
        | None => EcsRollback::NotAnnounced,
    }
}

/// What our service deployment says about going back; what was announced before stays where it does not tell.
fn word_of(rolling: &ServiceDeployment, before: EcsRollback) -> EcsRollback {
    match &rolling.status {
        ServiceDeploymentStatus::RollbackRequested
        | ServiceDeploymentStatus::RollbackInProgress
        | ServiceDeploymentStatus::RollbackSuccessful
        | ServiceDeploymentStatus::RollbackFailed => EcsRollback::Announced,
        // It was asked for, and the rollout succeeded first.
        ServiceDeploymentStatus::Successful => EcsRollback::NotAnnounced,
        ServiceDeploymentStatus::Pending
        | ServiceDeploymentStatus::InProgress
        | ServiceDeploymentStatus::StopRequested
        | ServiceDeploymentStatus::Stopped
        | ServiceDeploymentStatus::Unknown(_) => before,
    }
}

/// ECS's words where a revision was deregistered; it has no code of its own for that.
fn is_inactive(error: &CallError) -> bool {
    error.fault == Fault::Rejected && error.message.contains("inactive")
}

fn unsent(component: &Component, error: &CallError) -> Event {
    stuck(component, &unsent_words(error))
}

fn unsent_words(error: &CallError) -> String {
    format!("the rollback could not be sent: {error}")
}

fn stuck(component: &Component, why: &str) -> Event {
    Event::Stuck { component: component.plan.component.clone(), why: why.to_owned() }
}
