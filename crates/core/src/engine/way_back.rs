//! Effect `RollBack`: what was proven is set again, by ECS where it can be asked, otherwise by one update.
//!
//! Whether it then serves is for [`super::watch_back`] to prove.

use std::{sync::PoisonError, time::Duration};

use futures_util::future::join;

use crate::{
    identifier::{ComponentName, DeploymentId, TaskDefinitionArn},
    ports::{CallError, Fault, RegisteredRevision},
    promotion::{Component, Event, RestoredBy},
    rollback::{EcsRollback, RollbackDecision, decide},
    rollout::{RolloutEnd, ServiceDeployment, ServiceDeploymentStatus, ServiceSnapshot},
};

use super::{
    call,
    run::{Halt, Run},
    update::{Before, Trace},
};

/// How long ECS may take to show a rollback that it has announced.
const ANNOUNCED: Duration = Duration::from_mins(2);

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
                    let by = if self.is_ours_already(&component, &deployment, announced) {
                        RestoredBy::Towpath
                    } else {
                        RestoredBy::Ecs
                    };
                    return Ok(vec![Event::RollbackBegan { component: name.clone(), by, deployment, revision: None }]);
                }
                RollbackDecision::Superseded { by } => {
                    return self.not_undone(&component, service.as_ref(), by).await.map(|event| vec![event]);
                }
                RollbackDecision::Impossible { why } => {
                    return Ok(vec![Event::Stuck { component: name.clone(), why }]);
                }
                RollbackDecision::Update { .. } if may_stop && can_stop(&component, rolling.as_ref()) => {
                    may_stop = false;
                    if let Some(rolling) = &rolling
                        && self.stop(rolling).await?
                    {
                        announced = EcsRollback::Announced;
                    }
                    self.wait(Duration::from_secs(3)).await?;
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

    /// Asks ECS to stop our rollout and to go back, and says whether it may have taken that. Where it has not, the usual
    /// way back is left.
    async fn stop(&mut self, rolling: &ServiceDeployment) -> Result<bool, Halt> {
        self.renew_lease().await?;
        self.may_begin()?;
        let sent = self.world.services.stop(&rolling.arn);
        let operation = "ecs:StopServiceDeployment";
        match call::write(&*self.world.clock, self.settings.call_deadline, operation, sent).await {
            Ok(()) => Ok(true),
            Err(error) => {
                self.trouble(format!("{error}; looking how it stands"));
                Ok(error.is_ambiguous())
            }
        }
    }

    /// Our deployment of the bad release; for a component that a crash left in doubt, settled by reading.
    async fn deployment_of(&self, component: &Component) -> Result<Option<DeploymentId>, Halt> {
        if let Some(deployment) = &component.deployment {
            return Ok(Some(deployment.clone()));
        }
        let was_asked =
            self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).contains(&component.plan.component);
        let (Some(revision), true) = (&component.revision, self.is_resumed || was_asked) else {
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
            is_set: false,
        };
        match self.trace(&before, self.world.clock.now()).await? {
            Trace::Applied(deployment) => Ok(Some(deployment)),
            Trace::NotApplied | Trace::SomebodyElse(_) => Ok(None),
        }
    }

    /// Whether a run before this one has sent the way back already: ECS's own rollback returns to the old deployment,
    /// or follows an announcement.
    fn is_ours_already(&self, component: &Component, deployment: &DeploymentId, announced: EcsRollback) -> bool {
        self.is_resumed
            && announced == EcsRollback::NotAnnounced
            && component.plan.base_deployment.as_ref() != Some(deployment)
    }

    /// What somebody else deployed is not undone. A run before this one may have been that somebody: where the target
    /// could not be brought any more, it set an identical revision, and could not write that down.
    async fn not_undone(
        &self,
        component: &Component,
        service: Option<&ServiceSnapshot>,
        by: TaskDefinitionArn,
    ) -> Result<Event, Halt> {
        let name = component.plan.component.clone();
        let primary = service.and_then(ServiceSnapshot::primary).filter(|primary| primary.task_definition == by);
        match primary {
            Some(primary) if self.stands_for_target(component, &by).await? => {
                let (by, deployment, revision) = (RestoredBy::Towpath, primary.id.clone(), Some(by));
                Ok(Event::RollbackBegan { component: name, by, deployment, revision })
            }
            Some(_) | None => Ok(Event::Superseded { component: name, by: Some(by) }),
        }
    }

    /// Whether a resumed run may take this revision for its rollback target: it is the target, or the same document
    /// under another number.
    pub(super) async fn stands_for_target(
        &self,
        component: &Component,
        revision: &TaskDefinitionArn,
    ) -> Result<bool, Halt> {
        let target = component.plan.target.as_ref().map(|target| &target.serving.task_definition);
        let Some(target) = target.filter(|_| self.is_resumed) else {
            return Ok(false);
        };
        if revision == target {
            return Ok(true);
        }
        if component.revision.as_ref() == Some(revision) || revision.family() != target.family() {
            return Ok(false);
        }
        let definitions = &self.world.task_definitions;
        let (one, other) = join(
            self.read("ecs:DescribeTaskDefinition", definitions.describe(revision)),
            self.read("ecs:DescribeTaskDefinition", definitions.describe(target)),
        )
        .await;
        match (one, other) {
            (Ok(one), Ok(other)) => {
                let fingerprint = |found: Option<RegisteredRevision>| found.map(|found| found.document.fingerprint());
                Ok(one.is_some() && fingerprint(one) == fingerprint(other))
            }
            // Who cannot read them does not know whose deployment it is.
            (Err(error), _) | (_, Err(error)) => Err(Halt::Suspend(error.to_string())),
        }
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
            is_set: false,
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
        self.may_begin()?;
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
        Ok(self.registered_again(&document).await?.map_err(|error| error.to_string()))
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

/// Whether ECS can be asked to go back by itself: our rollout is still under way, and what ECS would go back to (the
/// last that was complete) is our target. It is the gentler way: traffic that was shifted is shifted back at once.
fn can_stop(component: &Component, rolling: Option<&ServiceDeployment>) -> bool {
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

pub(super) fn stuck(component: &Component, why: &str) -> Event {
    Event::Stuck { component: component.plan.component.clone(), why: why.to_owned() }
}
