//! Effects `RollBack` and `WatchRollback`: what was proven serves again, and that is proven like a deployment.

use std::time::Duration;

use crate::{
    identifier::{ComponentName, DeploymentId},
    ledger::Releases,
    ports::CallError,
    promotion::{Component, ComponentPhase, Event, RestoredBy, Target},
    release::Release,
    rollback::{EcsRollback, RollbackDecision, decide},
    rollout::{Look, Proof, RolloutEnd, ServiceSnapshot, Verdict, Waiting, Watch, next_look},
    smoke::CheckOutcome,
};

use super::{
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
        let announced = announced(&component);
        let began = self.world.clock.now();
        loop {
            let service = self.look_once(&component).await?;
            match decide(&component.plan, &ours, service.as_ref(), announced) {
                RollbackDecision::LeaveToEcs { deployment } => {
                    let by = if self.is_ours_already(&component, &deployment) {
                        RestoredBy::Towpath
                    } else {
                        RestoredBy::Ecs
                    };
                    return Ok(vec![Event::RollbackBegan { component: name.clone(), by, deployment }]);
                }
                RollbackDecision::Superseded { by } => {
                    return Ok(vec![Event::Superseded { component: name.clone(), by: Some(by) }]);
                }
                RollbackDecision::Impossible { why } => {
                    return Ok(vec![Event::Stuck { component: name.clone(), why }]);
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
        let plan = &component.plan;
        let Some(target) = &plan.target else {
            return Ok(vec![stuck(component, "there is nothing to go back to")]);
        };
        let before = Before {
            service: &plan.service,
            wanted: &target.serving.task_definition,
            primary: Some(replaced),
            base: plan.base_deployment.as_ref(),
            seen: &plan.seen,
            listed_after: plan.listed_after,
        };
        if self.is_resumed
            && let Trace::Applied(deployment) = self.trace(&before, self.world.clock.now()).await?
        {
            let component = plan.component.clone();
            return Ok(vec![Event::RollbackBegan { component, by: RestoredBy::Towpath, deployment }]);
        }
        self.renew_lease().await?;
        match self.set_service(&before).await? {
            Ok(Trace::Applied(deployment)) => {
                let component = plan.component.clone();
                Ok(vec![Event::RollbackBegan { component, by: RestoredBy::Towpath, deployment }])
            }
            Ok(Trace::SomebodyElse(by)) => {
                Ok(vec![Event::Superseded { component: plan.component.clone(), by: Some(by) }])
            }
            Ok(Trace::NotApplied) => {
                self.again(format!("ECS did not carry out the rollback of {}", plan.service)).await
            }
            Err(error) if error.is_passing() => self.again(error.to_string()).await,
            Err(error) => Ok(vec![stuck(component, &format!("the rollback could not be sent: {error}"))]),
        }
    }

    /// Watches the way back, proves what serves, and asks the smoke checks of what was gone back to.
    pub(super) async fn watch_rollback(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = self.component(name)?.clone();
        let (ComponentPhase::RollingBack { by, deployment }, Some(target)) = (&component.phase, &component.plan.target)
        else {
            return Err(Halt::Suspend(format!("`{name}` is not on its way back")));
        };
        let now = self.world.clock.now();
        let mut watch = Watch::new(
            deployment.clone(),
            target.serving.task_definition.clone(),
            component.deployment.clone(),
            component.plan.seen.clone(),
            now,
        );
        let mut last_contact = now;
        let mut until = now + WAY_BACK;
        loop {
            self.keep_lease().await?;
            let waiting = match self.look_back(&component, *by, &watch).await {
                Err(error) => {
                    self.endure(&error, last_contact)?;
                    Waiting::Missing
                }
                Ok(look) => {
                    last_contact = look.at;
                    match watch.judge(&look) {
                        Verdict::Wait(waiting) => waiting,
                        Verdict::Ended(end) => {
                            if let Some(event) = self.back(&component, target, deployment, end, &look).await? {
                                return Ok(vec![event]);
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

    /// ECS makes no service deployment for its own rollback, so that one is judged by the classic model.
    async fn look_back(&self, component: &Component, by: RestoredBy, watch: &Watch) -> Result<Look, CallError> {
        let services = &self.world.services;
        let plan = &component.plan;
        let described = self.read("ecs:DescribeServices", services.describe(std::slice::from_ref(&plan.service)));
        let service = described.await?.pop().flatten();
        let service_deployments = match (by, watch.service_deployment()) {
            (RestoredBy::Ecs, _) => None,
            (RestoredBy::Towpath, Some(known)) => Some(self.in_full(std::slice::from_ref(known)).await?),
            (RestoredBy::Towpath, None) => {
                self.read("ecs:ListServiceDeployments", services.deployments(&plan.service, plan.listed_after)).await?
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
            RolloutEnd::Gone => return Ok(Some(stuck(component, "the service was deleted"))),
            RolloutEnd::NotApplied => {
                return Ok(Some(stuck(component, "ECS shows no trace of the way back")));
            }
        }
        let desired = look.service.as_ref().map_or(component.plan.desired, |service| service.desired);
        let revision = &target.serving.task_definition;
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
            | RolloutEnd::Gone
            | RolloutEnd::NotApplied,
        )
        | None => EcsRollback::NotAnnounced,
    }
}

fn stuck(component: &Component, why: &str) -> Event {
    Event::Stuck { component: component.plan.component.clone(), why: why.to_owned() }
}
