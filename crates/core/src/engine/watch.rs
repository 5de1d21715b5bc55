//! Effect Watch: rollouts are looked at until at least one has ended, and what ended well is proven by digest.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::{
    config::OnTimeout,
    identifier::{ComponentName, DeploymentId, Digest, ImageReference, TaskDefinitionArn},
    ports::CallError,
    promotion::{Change, ComponentPlan, Event, Failure, FailureKind},
    rollout::{Claim, GiveUp, Look, Others, Pause, Proof, RolloutEnd, ServiceSnapshot, Verdict, Waiting, Watch},
};

use super::{
    looks::Following,
    notice::Notice,
    run::{CONTACT_LOST, Halt, Run},
    site::LOOK_EVERY as LOOK_AT_SITES,
    suspect::with_cause,
};

/// How long a rollout may take by default. A time-out is inconclusive, never a failure, so it is generous.
const ROLLOUT_TIMEOUT: Duration = Duration::from_mins(45);
/// How long the tasks that run may disagree with what ECS calls complete.
const PROOF_ALLOWANCE: Duration = Duration::from_mins(3);

/// How long a hook that was answered may still look as if it waited.
const ANSWER_LAG: Duration = Duration::from_mins(1);

/// What a look at one component amounts to before anything more is asked.
enum Judged {
    Waits(Waiting),
    /// ECS calls it complete; the running tasks are to prove it.
    ToProve(Box<ToProve>),
    Happened(Box<Event>),
    Bad(RolloutEnd),
    /// Another deployment is primary, and this is what it brings.
    Replaced(Option<TaskDefinitionArn>),
    /// Nobody can say how it stands.
    Unknown(String),
}

/// What is to be proven of a deployment.
pub(super) struct Proven<'a> {
    pub(super) deployment: &'a DeploymentId,
    pub(super) revision: &'a TaskDefinitionArn,
    pub(super) desired: u32,
    pub(super) others: Others,
}

/// What the running tasks are to prove.
struct ToProve {
    plan: ComponentPlan,
    deployment: DeploymentId,
    revision: TaskDefinitionArn,
    desired: u32,
    end: Option<RolloutEnd>,
}

/// What a look at one rollout came to.
enum Seen {
    Events(Vec<Event>),
    Again(Waiting),
}

impl Seen {
    fn event(event: Event) -> Self {
        Self::Events(vec![event])
    }
}

impl Run<'_> {
    /// Watches these components until at least one of them has something to tell.
    pub(super) async fn watch(&mut self, names: &[ComponentName]) -> Result<Vec<Event>, Halt> {
        let (sites, services): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| self.is_site(name));
        if services.is_empty() {
            return self.watch_sites(&sites).await;
        }
        let names = services.as_slice();
        self.begin_watches(names)?;
        let mut last_contact = self.world.clock.now();
        loop {
            self.keep_lease().await?;
            let live = self.look_at_sites(&sites).await?;
            if !live.is_empty() {
                return Ok(live);
            }
            let (due, mut waiting) = (self.due(names), Vec::new());
            let looked = if due.is_empty() { Ok(Vec::new()) } else { self.look_at(&due).await };
            let events = match looked {
                Ok(looks) => {
                    last_contact = self.world.clock.now();
                    self.judge_all(&due, looks, &mut waiting).await?
                }
                Err(error) => {
                    self.endure(&error, last_contact)?;
                    Vec::new()
                }
            };
            self.plan_looks(&due, &waiting, names.len()).await;
            if !events.is_empty() {
                return Ok(events);
            }
            let given_up = self.suspects(&waiting, names.len()).await;
            if !given_up.is_empty() {
                let end = |(name, why)| (name, RolloutEnd::GivenUp { why });
                return Ok(self.bad_ends(given_up.into_iter().map(end).collect()).await);
            }
            if let Some(events) = self.out_of_time(names).await? {
                return Ok(events);
            }
            let next = self.until_next_look(names);
            self.wait(if sites.is_empty() { next } else { next.min(LOOK_AT_SITES) }).await?;
        }
    }

    /// What one look at all of them came to. What did happen is told even where a neighbour stops the run.
    async fn judge_all(
        &mut self,
        names: &[ComponentName],
        looks: Vec<Look>,
        waiting: &mut Vec<(ComponentName, Waiting)>,
    ) -> Result<Vec<Event>, Halt> {
        let judged: Vec<Judged> = names.iter().zip(looks).map(|(name, look)| self.judged(name, look)).collect();
        let run = &*self;
        let proofs = join_all(judged.iter().map(|judged| async move {
            match judged {
                Judged::ToProve(to_prove) => Some(run.prove_one(to_prove).await),
                Judged::Waits(_) | Judged::Happened(_) | Judged::Bad(_) | Judged::Replaced(_) | Judged::Unknown(_) => {
                    None
                }
            }
        }))
        .await;
        let (mut events, mut bad) = (Vec::new(), Vec::new());
        let mut halt = None;
        for ((name, judged), proof) in names.iter().zip(judged).zip(proofs) {
            let seen = match (judged, proof) {
                (Judged::ToProve(to_prove), Some(proof)) => self.proven(name, proof, to_prove.end),
                (Judged::ToProve(_), None) => Ok(Seen::Again(Waiting::Settling)),
                (Judged::Waits(why), _) => Ok(Seen::Again(why)),
                (Judged::Happened(event), _) => Ok(Seen::event(*event)),
                (Judged::Bad(end), _) => {
                    bad.push((name.clone(), end));
                    continue;
                }
                (Judged::Replaced(by), _) => self.replaced(name, by.as_ref()).await.map(Seen::event),
                (Judged::Unknown(why), _) => Err(Halt::Suspend(why)),
            };
            match seen {
                Ok(Seen::Events(more)) => events.extend(more),
                Ok(Seen::Again(why)) => waiting.push((name.clone(), why)),
                Err(stop) => halt = halt.or(Some(stop)),
            }
        }
        events.extend(self.bad_ends(bad).await);
        match halt {
            Some(halt) if events.is_empty() => Err(halt),
            Some(_) | None => Ok(events),
        }
    }

    /// How long the component's rollout may take: as configured, or long enough for all that ECS waits on purpose.
    fn rollout_timeout(&self, name: &ComponentName) -> Result<Duration, Halt> {
        let configured = self.service(name)?.rollout_timeout;
        let patience = Duration::from_secs(self.component(name)?.plan.patience_seconds);
        Ok(configured.unwrap_or(ROLLOUT_TIMEOUT + patience))
    }

    fn begin_watches(&mut self, names: &[ComponentName]) -> Result<(), Halt> {
        let now = self.world.clock.now();
        for name in names {
            if self.deadlines.contains_key(name) {
                continue;
            }
            let timeout = self.rollout_timeout(name)?;
            self.deadlines.insert(name.clone(), now + timeout);
            let component = self.component(name)?;
            let (Some(deployment), Some(revision)) = (&component.deployment, &component.revision) else {
                continue;
            };
            let plan = &component.plan;
            let watch =
                Watch::new(deployment.clone(), revision.clone(), plan.base_deployment.clone(), plan.seen.clone(), now);
            self.rollouts.insert(name.clone(), Following::new(watch));
        }
        Ok(())
    }

    /// What a look at one component amounts to, as far as nothing more must be asked.
    fn judged(&mut self, name: &ComponentName, look: Look) -> Judged {
        let Some(following) = self.rollouts.get_mut(name) else {
            return self.unchanged(name, look.service.as_ref());
        };
        let verdict = following.watch.judge(&look);
        following.saw(look.service.as_ref());
        self.tell_events(name);
        match verdict {
            Verdict::Wait(waiting) => {
                self.tell(name, look.service.as_ref(), waiting);
                Judged::Waits(waiting)
            }
            Verdict::Paused(pause) => {
                self.tell(name, look.service.as_ref(), Waiting::Paused);
                self.paused(name, pause)
            }
            Verdict::Ended(end) => self.ended(name, end, look.service),
        }
    }

    /// A hook that was answered may still look as if it waited: reads lag.
    fn paused(&self, name: &ComponentName, pause: Pause) -> Judged {
        let component = self.journal.promotion.components.get(name);
        let was_answered = component.is_some_and(|one| one.answered.iter().any(|known| known.is_same_place(&pause)));
        let answered_at = self.journal.last_of(name, "continued").filter(|_| was_answered);
        if answered_at.is_some_and(|at| self.world.clock.now() < at + ANSWER_LAG) {
            return Judged::Waits(Waiting::Settling);
        }
        Judged::Happened(Box::new(Event::Paused { component: name.clone(), pause }))
    }

    fn ended(&mut self, name: &ComponentName, end: RolloutEnd, service: Option<ServiceSnapshot>) -> Judged {
        let component = name.clone();
        match end {
            RolloutEnd::Completed { .. } => self.to_prove(name, end, service),
            RolloutEnd::Empty => Judged::Happened(Box::new(Event::RolledOut { component, end: Some(end), tasks: 0 })),
            RolloutEnd::Superseded { by } => Judged::Replaced(by),
            RolloutEnd::RolledBack { .. }
            | RolloutEnd::Stopped { .. }
            | RolloutEnd::RollbackFailed { .. }
            | RolloutEnd::GivenUp { .. }
            | RolloutEnd::Gone
            // ECS had shown it when it accepted it: given up and gone, as where it rolls back while nobody looks.
            | RolloutEnd::NotApplied => Judged::Bad(end),
        }
    }

    /// Another deployment is primary. A resumed run that finds its own rollback target there goes on with the way back:
    /// the run before may have begun it when the journal could not be written.
    pub(super) async fn replaced(&self, name: &ComponentName, by: Option<&TaskDefinitionArn>) -> Result<Event, Halt> {
        let component = name.clone();
        let is_back = match by {
            Some(by) => self.stands_for_target(self.component(name)?, by).await?,
            None => false,
        };
        if !is_back {
            return Ok(Event::Superseded { component, by: by.cloned() });
        }
        let message =
            "the service was set back to what served before, by the run before or by somebody else".to_owned();
        let failure = Failure::new(FailureKind::Rollout, message);
        Ok(Event::Failed { component, failure, end: None, results: Vec::new() })
    }

    /// ECS calls it complete: the tasks that run have the last word.
    fn to_prove(&self, name: &ComponentName, end: RolloutEnd, service: Option<ServiceSnapshot>) -> Judged {
        let component = self.journal.promotion.components.get(name);
        let Some((plan, deployment, revision)) = component.and_then(|component| {
            Some((component.plan.clone(), component.deployment.clone()?, component.revision.clone()?))
        }) else {
            return Judged::Unknown(format!("`{name}` has no deployment"));
        };
        let desired = service.map_or(plan.desired, |service| service.desired);
        Judged::ToProve(Box::new(ToProve { plan, deployment, revision, desired, end: Some(end) }))
    }

    async fn prove_one(&self, it: &ToProve) -> Result<Proof, CallError> {
        let others = match &it.end {
            Some(RolloutEnd::Completed { early: true, .. }) => Others::MayLinger,
            Some(_) | None => Others::AreGone,
        };
        let what = Proven { deployment: &it.deployment, revision: &it.revision, desired: it.desired, others };
        self.prove(&it.plan, it.plan.image.as_ref(), &what).await
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
            Ok(Proof::Proven { tasks }) => {
                self.unproven_until.remove(name);
                Ok(Seen::event(Event::RolledOut { component, end, tasks }))
            }
            Ok(Proof::Wrong { task, digest }) => {
                let message =
                    format!("task {} runs {digest} though its task definition names another image", task.short());
                let failure = Failure::new(FailureKind::Digest, message);
                Ok(Seen::event(Event::Failed { component, failure, end, results: Vec::new() }))
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
    fn unchanged(&self, name: &ComponentName, service: Option<&ServiceSnapshot>) -> Judged {
        let plan = self.journal.promotion.components.get(name).map(|component| component.plan.clone());
        let primary = service.and_then(ServiceSnapshot::primary);
        let Some((plan, primary, before)) = plan.zip(primary).and_then(|(plan, primary)| {
            let before = plan.before.clone().filter(|_| plan.change == Change::Nothing)?;
            Some((plan, primary, before))
        }) else {
            return Judged::Unknown(format!("`{name}` is no longer what was checked"));
        };
        if primary.task_definition != before.task_definition {
            let by = Some(primary.task_definition.clone());
            return Judged::Happened(Box::new(Event::Superseded { component: name.clone(), by }));
        }
        let desired = service.map_or(0, |service| service.desired);
        if desired == 0 {
            let event = Event::RolledOut { component: name.clone(), end: Some(RolloutEnd::Empty), tasks: 0 };
            return Judged::Happened(Box::new(event));
        }
        let (deployment, revision) = (primary.id.clone(), before.task_definition);
        Judged::ToProve(Box::new(ToProve { plan, deployment, revision, desired, end: None }))
    }

    /// Holds the running tasks against what must run. An index's children count as the index.
    pub(super) async fn prove(
        &self,
        plan: &ComponentPlan,
        image: Option<&ImageReference>,
        what: &Proven<'_>,
    ) -> Result<Proof, CallError> {
        let tasks = self.read("ecs:DescribeTasks", self.world.services.tasks(&plan.service)).await?;
        let claim = |digests: Option<&[Digest]>| {
            let claim = Claim {
                deployment: what.deployment,
                task_definition: what.revision,
                container: &plan.container,
                digests,
                desired: what.desired,
                others: what.others,
            };
            claim.prove(&tasks)
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

    /// What comes of rollouts that take longer than they may: nobody can say how they end, unless the configuration
    /// says that they are put back then.
    async fn out_of_time(&mut self, names: &[ComponentName]) -> Result<Option<Vec<Event>>, Halt> {
        let now = self.world.clock.now();
        let unproven = names.iter().find(|name| self.unproven_until.get(name).is_some_and(|until| now >= *until));
        if let Some(name) = unproven.cloned() {
            // ECS calls it a success: whatever keeps it from being proven, it is no failure.
            return Err(Halt::Suspend(format!("the rollout of `{name}` could not be proven within its time")));
        }
        let late = |name: &&ComponentName| self.deadlines.get(*name).is_some_and(|deadline| now >= *deadline);
        let Some(name) = names.iter().find(late).cloned() else {
            return Ok(None);
        };
        let timeout = self.rollout_timeout(&name)?;
        if self.service(&name)?.on_timeout == OnTimeout::Rollback && self.rollouts.contains_key(&name) {
            let why = GiveUp::TimedOut { after_seconds: timeout.as_secs() };
            return Ok(Some(self.bad_ends(vec![(name, RolloutEnd::GivenUp { why })]).await));
        }
        let what = format!("the rollout of `{name}` did not end within its time; it may still succeed");
        Err(Halt::Suspend(with_cause(&what, self.diagnosed(&name).await?)))
    }

    /// What ECS calls a success is waited for to be proven this much longer.
    fn shorten(&mut self, name: &ComponentName, allowance: Duration) {
        let latest = self.world.clock.now() + allowance;
        let until = self.unproven_until.entry(name.clone()).or_insert(latest);
        *until = latest.min(*until);
    }

    pub(super) fn tell(&self, name: &ComponentName, service: Option<&ServiceSnapshot>, waiting: Waiting) {
        let deployment = self.rollouts.get(name).map(|following| &following.watch.deployment);
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

/// How a rollout ended badly, for people.
pub(super) fn words(end: &RolloutEnd) -> String {
    match end {
        RolloutEnd::RolledBack { reason, .. } => {
            format!("ECS rolled the deployment back: {reason}")
        }
        RolloutEnd::Stopped { reason } => format!("ECS gave the deployment up: {reason}"),
        RolloutEnd::RollbackFailed { reason } => {
            format!("ECS gave the deployment up, and its rollback failed: {reason}")
        }
        RolloutEnd::GivenUp { why } => format!("the rollout was given up: {why}"),
        RolloutEnd::Gone => "the service was deleted".to_owned(),
        RolloutEnd::NotApplied => {
            "ECS had accepted the deployment and shows no trace of it; what served before is set again".to_owned()
        }
        RolloutEnd::Completed { .. } | RolloutEnd::Empty | RolloutEnd::Superseded { .. } => {
            "the rollout ended".to_owned()
        }
    }
}
