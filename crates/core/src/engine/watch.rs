//! Effect Watch: rollouts are looked at until at least one has ended, and what ended well is proven by digest.

use std::time::Duration;

use futures_util::future::{join, join_all};
use jiff::Timestamp;

use crate::{
    identifier::{ComponentName, Digest, ImageReference, ServiceDeploymentArn, TaskDefinitionArn},
    ports::CallError,
    promotion::{Change, ComponentPlan, Event, Failure, FailureKind},
    rollout::{
        Claim, Look, Proof, RolloutEnd, ServiceDeployment, ServiceKey, ServiceSnapshot, Verdict, Waiting, Watch,
        next_look,
    },
};

use super::{
    notice::Notice,
    run::{CONTACT_LOST, Halt, Run},
};

/// How long a rollout may take by default. A time-out is inconclusive, never a failure, so it is generous.
const ROLLOUT_TIMEOUT: Duration = Duration::from_mins(45);
/// How long the tasks that run may disagree with what ECS calls complete.
const PROOF_ALLOWANCE: Duration = Duration::from_mins(3);

/// What a look at one rollout came to.
pub(super) enum Seen {
    Event(Box<Event>),
    Again(Waiting),
}

impl Run<'_> {
    /// Watches these components until at least one of them has something to tell.
    pub(super) async fn watch(&mut self, names: &[ComponentName]) -> Result<Vec<Event>, Halt> {
        self.begin_watches(names)?;
        let began = self.world.clock.now();
        let mut last_contact = began;
        loop {
            self.keep_lease().await?;
            let mut events = Vec::new();
            let mut waiting = None;
            match self.look_at(names).await {
                Ok(looks) => {
                    last_contact = self.world.clock.now();
                    for (name, look) in names.iter().zip(looks) {
                        match self.seen(name, look).await? {
                            Seen::Event(event) => events.push(*event),
                            Seen::Again(why) => waiting = Some(waiting.map_or(why, |other| sooner(other, why))),
                        }
                    }
                }
                Err(error) => self.endure(&error, last_contact)?,
            }
            if !events.is_empty() {
                return Ok(events);
            }
            self.require_time_left(names)?;
            let age = Duration::try_from(self.world.clock.now().duration_since(began)).unwrap_or_default();
            self.wait(next_look(waiting.unwrap_or(Waiting::Missing), age)).await?;
        }
    }

    fn begin_watches(&mut self, names: &[ComponentName]) -> Result<(), Halt> {
        let now = self.world.clock.now();
        for name in names {
            if self.deadlines.contains_key(name) {
                continue;
            }
            let timeout = self.service(name)?.rollout_timeout.unwrap_or(ROLLOUT_TIMEOUT);
            self.deadlines.insert(name.clone(), now + timeout);
            let component = self.component(name)?;
            let (Some(deployment), Some(revision)) = (&component.deployment, &component.revision) else {
                continue;
            };
            let plan = &component.plan;
            let watch =
                Watch::new(deployment.clone(), revision.clone(), plan.base_deployment.clone(), plan.seen.clone(), now);
            self.watches.insert(name.clone(), watch);
        }
        Ok(())
    }

    /// One look at all of them: the services together, their service deployments beside.
    async fn look_at(&self, names: &[ComponentName]) -> Result<Vec<Look>, CallError> {
        let plans: Vec<&ComponentPlan> = names
            .iter()
            .filter_map(|name| self.journal.promotion.components.get(name))
            .map(|component| &component.plan)
            .collect();
        let keys: Vec<ServiceKey> = plans.iter().map(|plan| plan.service.clone()).collect();
        let deployments = join_all(plans.iter().map(|plan| self.service_deployments(plan)));
        let described = self.read("ecs:DescribeServices", self.world.services.describe(&keys));
        let (snapshots, deployments) = join(described, deployments).await;
        let at = self.world.clock.now();
        let mut looks = Vec::new();
        for (service, service_deployments) in snapshots?.into_iter().zip(deployments) {
            looks.push(Look { at, service, service_deployments: service_deployments? });
        }
        Ok(looks)
    }

    /// Our service deployment where it is known, otherwise all that might be it.
    async fn service_deployments(&self, plan: &ComponentPlan) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        match self.watches.get(&plan.component).map(Watch::service_deployment) {
            // Nothing was changed, so no service deployment is ours.
            None => Ok(None),
            Some(Some(known)) => self.in_full(std::slice::from_ref(known)).await.map(Some),
            Some(None) => self.listed(plan).await,
        }
    }

    /// The listing; what ended badly is read in full, since the listing does not say why.
    async fn listed(&self, plan: &ComponentPlan) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        let services = &self.world.services;
        let listed = self.read("ecs:ListServiceDeployments", services.deployments(&plan.service, plan.listed_after));
        let Some(listed) = listed.await? else {
            return Ok(None);
        };
        let new: Vec<_> =
            listed.iter().filter(|one| !plan.seen.contains(&one.arn)).map(|one| one.arn.clone()).collect();
        let is_good = |one: &ServiceDeployment| one.status == crate::rollout::ServiceDeploymentStatus::Successful;
        let ended_badly = listed.iter().any(|one| new.contains(&one.arn) && one.status.is_final() && !is_good(one));
        if ended_badly { self.in_full(&new).await.map(Some) } else { Ok(Some(listed)) }
    }

    pub(super) async fn in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        self.read("ecs:DescribeServiceDeployments", self.world.services.deployments_in_full(arns)).await
    }

    /// What a look at one component amounts to.
    async fn seen(&mut self, name: &ComponentName, look: Look) -> Result<Seen, Halt> {
        let service = look.service.clone();
        let Some(watch) = self.watches.get_mut(name) else {
            return self.unchanged(name, service).await;
        };
        match watch.judge(&look) {
            Verdict::Wait(waiting) => {
                self.tell(name, service.as_ref(), waiting);
                Ok(Seen::Again(waiting))
            }
            Verdict::Ended(end) => self.ended(name, end, service).await,
        }
    }

    async fn ended(
        &mut self,
        name: &ComponentName,
        end: RolloutEnd,
        service: Option<ServiceSnapshot>,
    ) -> Result<Seen, Halt> {
        let component = name.clone();
        let event = match end {
            RolloutEnd::Completed { .. } => return self.prove_rollout(name, end, service).await,
            RolloutEnd::Empty => Event::RolledOut { component, end: Some(RolloutEnd::Empty), tasks: 0 },
            RolloutEnd::Superseded { by } => self.replaced(name, by.as_ref())?,
            RolloutEnd::NotApplied => {
                return Err(Halt::Suspend(format!("ECS accepted the update of `{name}`, but shows no trace of it")));
            }
            RolloutEnd::RolledBack { .. }
            | RolloutEnd::Stopped { .. }
            | RolloutEnd::RollbackFailed { .. }
            | RolloutEnd::Gone => {
                let failure = Failure { kind: FailureKind::Rollout, message: words(&end) };
                Event::Failed { component, failure, end: Some(end), results: Vec::new() }
            }
        };
        Ok(Seen::Event(Box::new(event)))
    }

    /// Another deployment is primary. A resumed run that finds its own rollback target there goes on with the way back:
    /// the run before may have begun it when the journal could not be written.
    pub(super) fn replaced(&self, name: &ComponentName, by: Option<&TaskDefinitionArn>) -> Result<Event, Halt> {
        let target = self.component(name)?.plan.target.as_ref().map(|target| &target.serving.task_definition);
        let component = name.clone();
        if !self.is_resumed || by.is_none() || by != target {
            return Ok(Event::Superseded { component, by: by.cloned() });
        }
        let message =
            "the service was set back to what served before, by the run before or by somebody else".to_owned();
        let failure = Failure { kind: FailureKind::Rollout, message };
        Ok(Event::Failed { component, failure, end: None, results: Vec::new() })
    }

    /// ECS calls it complete: the tasks that run have the last word.
    async fn prove_rollout(
        &mut self,
        name: &ComponentName,
        end: RolloutEnd,
        service: Option<ServiceSnapshot>,
    ) -> Result<Seen, Halt> {
        let component = self.component(name)?;
        let (Some(deployment), Some(revision)) = (component.deployment.clone(), component.revision.clone()) else {
            return Err(Halt::Suspend(format!("`{name}` has no deployment")));
        };
        let plan = component.plan.clone();
        let desired = service.map_or(plan.desired, |service| service.desired);
        let proof = self.prove(&plan, &deployment, &revision, plan.image.as_ref(), desired).await;
        self.proven(name, proof, Some(end))
    }

    /// What a proof amounts to: the end of the rollout, a failure, or another look for a while.
    fn proven(
        &mut self,
        name: &ComponentName,
        proof: Result<Proof, CallError>,
        end: Option<RolloutEnd>,
    ) -> Result<Seen, Halt> {
        let component = name.clone();
        match proof {
            Ok(Proof::Proven { tasks }) => Ok(Seen::Event(Box::new(Event::RolledOut { component, end, tasks }))),
            Ok(Proof::Wrong { task, digest }) => {
                let message =
                    format!("task {} runs {digest} though its task definition names another image", task.short());
                let failure = Failure { kind: FailureKind::Digest, message };
                Ok(Seen::Event(Box::new(Event::Failed { component, failure, end, results: Vec::new() })))
            }
            Ok(Proof::NotYet { why }) => {
                self.shorten(name, PROOF_ALLOWANCE);
                self.trouble(format!("{name}: ECS calls it complete, but {why}"));
                Ok(Seen::Again(Waiting::Settling))
            }
            Err(error) if error.is_passing() => {
                self.shorten(name, CONTACT_LOST);
                self.trouble(error.to_string());
                Ok(Seen::Again(Waiting::Starting))
            }
            Err(error) => Err(Halt::Suspend(error.to_string())),
        }
    }

    /// What serves already must be proven like anything else.
    async fn unchanged(&mut self, name: &ComponentName, service: Option<ServiceSnapshot>) -> Result<Seen, Halt> {
        let plan = self.component(name)?.plan.clone();
        let primary = service.as_ref().and_then(ServiceSnapshot::primary);
        let (Change::Nothing, Some(primary), Some(before)) = (&plan.change, primary, &plan.before) else {
            return Err(Halt::Suspend(format!("`{name}` is no longer what was checked")));
        };
        if primary.task_definition != before.task_definition {
            let by = Some(primary.task_definition.clone());
            return Ok(Seen::Event(Box::new(Event::Superseded { component: name.clone(), by })));
        }
        let desired = service.as_ref().map_or(0, |service| service.desired);
        if desired == 0 {
            let event = Event::RolledOut { component: name.clone(), end: Some(RolloutEnd::Empty), tasks: 0 };
            return Ok(Seen::Event(Box::new(event)));
        }
        let proof = self.prove(&plan, &primary.id, &before.task_definition, plan.image.as_ref(), desired).await;
        self.proven(name, proof, None)
    }

    /// Holds the running tasks against what must run. An index's children count as the index.
    pub(super) async fn prove(
        &self,
        plan: &ComponentPlan,
        deployment: &crate::identifier::DeploymentId,
        revision: &crate::identifier::TaskDefinitionArn,
        image: Option<&ImageReference>,
        desired: u32,
    ) -> Result<Proof, CallError> {
        let tasks = self.read("ecs:DescribeTasks", self.world.services.tasks(&plan.service)).await?;
        let claim = |digests: Option<&[Digest]>| {
            Claim { deployment, task_definition: revision, container: &plan.container, digests, desired }.prove(&tasks)
        };
        let Some(image) = image else {
            return Ok(claim(None));
        };
        let mut digests = vec![image.digest().clone()];
        match claim(Some(&digests)) {
            Proof::Wrong { .. } => {
                // Who cannot look into the index does not know that its child is wrong.
                digests.extend(self.read("ecr:BatchGetImage", self.world.images.children(image)).await?);
                Ok(claim(Some(&digests)))
            }
            proof @ (Proof::Proven { .. } | Proof::NotYet { .. }) => Ok(proof),
        }
    }

    /// A look that failed is a skipped look, unless it will never work or contact is lost for long.
    pub(super) fn endure(&self, error: &CallError, last_contact: Timestamp) -> Result<(), Halt> {
        let is_hopeless = !error.is_passing() && !error.is_ambiguous();
        if is_hopeless || self.world.clock.now() >= last_contact + CONTACT_LOST {
            return Err(Halt::Suspend(error.to_string()));
        }
        self.trouble(error.to_string());
        Ok(())
    }

    fn require_time_left(&self, names: &[ComponentName]) -> Result<(), Halt> {
        let now = self.world.clock.now();
        match names.iter().find(|name| self.deadlines.get(name).is_some_and(|deadline| now >= *deadline)) {
            Some(name) => {
                Err(Halt::Suspend(format!("the rollout of `{name}` did not end within its time; it may still succeed")))
            }
            None => Ok(()),
        }
    }

    /// From now on, at most this much longer.
    fn shorten(&mut self, name: &ComponentName, allowance: Duration) {
        let latest = self.world.clock.now() + allowance;
        if let Some(deadline) = self.deadlines.get_mut(name) {
            *deadline = latest.min(*deadline);
        }
    }

    pub(super) fn tell(&self, name: &ComponentName, service: Option<&ServiceSnapshot>, waiting: Waiting) {
        let deployment = self.watches.get(name).map(|watch| &watch.deployment);
        let ours = deployment.and_then(|id| service?.deployment(id));
        self.observer.notice(Notice::Looked {
            component: name.clone(),
            waiting,
            running: ours.map_or(0, |ours| ours.running),
            desired: ours.map_or(0, |ours| ours.desired),
            failed: ours.map_or(0, |ours| ours.failed),
        });
    }
}

/// The one of two reasons to wait that asks for the earlier look.
fn sooner(one: Waiting, other: Waiting) -> Waiting {
    let late = Duration::from_mins(1);
    if next_look(one, late) <= next_look(other, late) { one } else { other }
}

/// How a rollout ended badly, for people.
fn words(end: &RolloutEnd) -> String {
    match end {
        RolloutEnd::RolledBack { reason, .. } => {
            format!("ECS rolled the deployment back: {reason}")
        }
        RolloutEnd::Stopped { reason } => format!("ECS gave the deployment up: {reason}"),
        RolloutEnd::RollbackFailed { reason } => {
            format!("ECS gave the deployment up, and its rollback failed: {reason}")
        }
        RolloutEnd::Gone => "the service was deleted".to_owned(),
        RolloutEnd::Completed { .. } | RolloutEnd::Empty | RolloutEnd::Superseded { .. } | RolloutEnd::NotApplied => {
            "the rollout ended".to_owned()
        }
    }
}
