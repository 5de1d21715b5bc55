//! The machine of one service.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{DeploymentId, TaskDefinitionArn},
    rollout::{Diagnosis, Pause, RolloutEnd},
    smoke::CheckResult,
};

use super::{
    event::{Event, RestoredBy},
    outcome::Outcome,
    plan::{Change, ComponentPlan, Serving},
};

/// A service within a promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// What the check found out.
    pub plan: ComponentPlan,
    /// Where it is.
    pub phase: ComponentPhase,
    /// How many bytes were sent to bring its image to the environment's registry, once that is done.
    pub published: Option<u64>,
    /// The revision that was registered or chosen for it.
    pub revision: Option<TaskDefinitionArn>,
    /// Whether that revision was there before.
    pub reused: bool,
    /// Our deployment, once ECS accepted it.
    pub deployment: Option<DeploymentId>,
    /// How ECS ended our rollout.
    pub rollout: Option<RolloutEnd>,
    /// The hooks at which it was held, and that were answered.
    pub answered: Vec<Pause>,
    /// What the smoke checks brought that were asked before production traffic.
    pub smoke_before_traffic: Vec<CheckResult>,
    /// What the smoke checks brought.
    pub smoke: Vec<CheckResult>,
    /// What the smoke checks brought after a rollback.
    pub smoke_after_rollback: Vec<CheckResult>,
    /// Who put it on its way back, once somebody has.
    pub put_back_by: Option<RestoredBy>,
    /// The revision that was registered to go back to, where the target's own could not be brought.
    pub restored: Option<TaskDefinitionArn>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// What was seen of its rollout going badly.
    pub diagnosis: Option<Diagnosis>,
    /// What was seen of its way back going badly.
    pub diagnosis_of_rollback: Option<Diagnosis>,
}

/// Where a component is.
#[derive(Debug, Clone, PartialEq)]
pub enum ComponentPhase {
    /// Checked; nothing of it was changed.
    Planned,
    /// Its revision exists; the service was not told yet, or we do not know that it was.
    Registered,
    /// ECS rolls it out.
    RollingOut,
    /// ECS holds it at a hook.
    Paused {
        /// The hook.
        pause: Pause,
    },
    /// It may go on; ECS is to be told.
    Cleared {
        /// The hook.
        pause: Pause,
    },
    /// Rolled out, every running task proven.
    RolledOut {
        /// How many tasks were proven; 0 where the service wants none.
        tasks: u32,
    },
    /// Rolled out and smoke passed.
    Proven {
        /// How many tasks were proven; 0 where the service wants none.
        tasks: u32,
    },
    /// Judged bad; the service was touched and not put back yet.
    Failed,
    /// Nothing of it was changed, and nothing will be.
    Untouched,
    /// On its way back.
    RollingBack {
        /// Who put it back.
        by: RestoredBy,
        /// The deployment that brings it back.
        deployment: DeploymentId,
    },
    /// Back, and proven.
    RolledBack {
        /// Who put it back.
        by: RestoredBy,
    },
    /// Not back: a person is needed.
    Stuck {
        /// Why.
        why: String,
    },
    /// Somebody else deployed over us.
    Superseded {
        /// What they deployed, where it is known.
        by: Option<TaskDefinitionArn>,
    },
}

/// Why a component failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What happened, for people.
    pub message: String,
    /// What the caller lacks, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingPermission>,
}

/// A permission that the caller lacks, as AWS names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct MissingPermission {
    /// For example `iam:PassRole`.
    pub action: String,
    /// On what, where AWS says so.
    pub resource: Option<String>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), missing: None }
    }
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The image could not be brought to the environment's registry, or a site's files not to its bucket.
    Publishing,
    /// The revision could not be registered.
    Registration,
    /// ECS refused the update: the service was not changed.
    Update,
    /// ECS gave up the rollout.
    Rollout,
    /// Running tasks do not have the digest that was deployed.
    Digest,
    /// The smoke checks did not pass.
    Smoke,
    /// A site could not be switched: some of what visitors see may be the release's.
    Switch,
    /// Visitors do not get the files of the site that is live.
    Delivery,
    /// A person said at a pause that it is not to go on.
    Declined,
    /// It was a drill, and nothing found out that it was bad.
    Undetected,
    /// We were not allowed, or not authenticated.
    Credentials,
    /// Something else went wrong on our side before anything was changed.
    Internal,
}

impl ComponentPhase {
    /// Whether nothing more will happen to it.
    pub(super) fn is_settled(&self) -> bool {
        match self {
            Self::Untouched | Self::RolledBack { .. } | Self::Stuck { .. } | Self::Superseded { .. } => true,
            Self::Planned
            | Self::Registered
            | Self::RollingOut
            | Self::Paused { .. }
            | Self::Cleared { .. }
            | Self::RolledOut { .. }
            | Self::Proven { .. }
            | Self::Failed
            | Self::RollingBack { .. } => false,
        }
    }

    /// Whether its rollout is over and good.
    pub(super) fn is_rolled_out(&self) -> bool {
        matches!(self, Self::RolledOut { .. } | Self::Proven { .. })
    }
}

impl Component {
    /// The hook at which ECS holds it, while nobody has said that it may go on.
    pub fn held_at(&self) -> Option<&Pause> {
        match &self.phase {
            ComponentPhase::Paused { pause } => Some(pause),
            ComponentPhase::Planned
            | ComponentPhase::Registered
            | ComponentPhase::RollingOut
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
            | ComponentPhase::Proven { .. }
            | ComponentPhase::Failed
            | ComponentPhase::Untouched
            | ComponentPhase::RollingBack { .. }
            | ComponentPhase::RolledBack { .. }
            | ComponentPhase::Stuck { .. }
            | ComponentPhase::Superseded { .. } => None,
        }
    }

    /// Whether its image's bytes have still to be brought to the environment's registry.
    pub(super) fn is_to_be_published(&self) -> bool {
        self.plan.publish_from.is_some() && self.published.is_none()
    }

    /// A component that was checked.
    pub(super) fn planned(plan: ComponentPlan) -> Self {
        Self {
            plan,
            phase: ComponentPhase::Planned,
            published: None,
            revision: None,
            reused: false,
            deployment: None,
            rollout: None,
            answered: Vec::new(),
            smoke_before_traffic: Vec::new(),
            smoke: Vec::new(),
            smoke_after_rollback: Vec::new(),
            put_back_by: None,
            restored: None,
            failure: None,
            diagnosis: None,
            diagnosis_of_rollback: None,
        }
    }
}

impl FailureKind {
    /// Whether the release itself was judged, not our way of bringing it.
    pub fn is_about_the_release(self) -> bool {
        match self {
            Self::Rollout | Self::Digest | Self::Smoke | Self::Delivery => true,
            Self::Publishing
            | Self::Registration
            | Self::Update
            | Self::Switch
            | Self::Declined
            | Self::Credentials
            | Self::Internal
            | Self::Undetected => false,
        }
    }
}

impl Failure {
    /// How a promotion ends that failed in this way before any service was touched.
    pub(super) fn outcome(&self) -> Outcome {
        match self.kind {
            FailureKind::Credentials => Outcome::Unauthorized,
            FailureKind::Publishing
            | FailureKind::Registration
            | FailureKind::Update
            | FailureKind::Rollout
            | FailureKind::Digest
            | FailureKind::Smoke
            | FailureKind::Switch
            | FailureKind::Delivery
            | FailureKind::Declined
            | FailureKind::Undetected
            | FailureKind::Internal => Outcome::Errored,
        }
    }
}

impl Component {
    /// The phase after an event, or `None` where it cannot have happened. Facts that the event carries are kept.
    pub(super) fn after(&mut self, event: &Event, failing: bool) -> Option<ComponentPhase> {
        match (&self.phase, event) {
            (_, Event::Diagnosed { diagnosis, .. }) => Some(self.diagnosed(diagnosis)),
            // What was done beside the failure of another is told after it.
            (ComponentPhase::Untouched, event) if failing => self.noted(event),
            (ComponentPhase::Planned, Event::Published { bytes, .. }) if self.is_to_be_published() => {
                self.published = Some(*bytes);
                Some(ComponentPhase::Planned)
            }
            (ComponentPhase::Planned, Event::Registered { revision, reused, .. })
                if self.plan.change != Change::Nothing && !self.is_to_be_published() =>
            {
                self.revision = Some(revision.clone());
                self.reused = *reused;
                Some(ComponentPhase::Registered)
            }
            (ComponentPhase::Registered, Event::UpdateAccepted { deployment, .. }) => {
                self.deployment = Some(deployment.clone());
                Some(ComponentPhase::RollingOut)
            }
            (ComponentPhase::RollingOut, Event::Paused { pause, .. }) => {
                Some(ComponentPhase::Paused { pause: pause.clone() })
            }
            (ComponentPhase::Paused { pause }, Event::Cleared { results, .. }) => {
                let pause = pause.clone();
                self.smoke_before_traffic.clone_from(results);
                Some(ComponentPhase::Cleared { pause })
            }
            (ComponentPhase::Paused { pause } | ComponentPhase::Cleared { pause }, Event::Continued { .. }) => {
                self.answered.push(pause.clone());
                Some(ComponentPhase::RollingOut)
            }
            (ComponentPhase::RollingOut | ComponentPhase::Planned, Event::RolledOut { end, tasks, .. })
                if self.phase == ComponentPhase::RollingOut || self.plan.change == Change::Nothing =>
            {
                self.rollout.clone_from(end);
                Some(ComponentPhase::RolledOut { tasks: *tasks })
            }
            (ComponentPhase::RolledOut { tasks }, Event::SmokePassed { results, .. }) => {
                let tasks = *tasks;
                self.smoke.clone_from(results);
                Some(ComponentPhase::Proven { tasks })
            }
            (phase, Event::Failed { failure, end, results, .. }) => {
                let next = phase.after_failure(failure.kind, &self.plan.change)?;
                self.failure = Some(failure.clone());
                self.rollout = end.clone().or(self.rollout.take());
                self.smoke.clone_from(results);
                Some(next)
            }
            (phase, Event::RollbackBegan { by, deployment, revision, .. }) if failing && phase.can_begin_rollback() => {
                self.put_back_by = Some(*by);
                self.restored.clone_from(revision);
                Some(ComponentPhase::RollingBack { by: *by, deployment: deployment.clone() })
            }
            (ComponentPhase::RollingBack { by, .. }, Event::RolledBack { results, .. }) => {
                let by = *by;
                self.smoke_after_rollback.clone_from(results);
                Some(ComponentPhase::RolledBack { by })
            }
            (phase, Event::Stuck { why, .. }) if failing && !phase.is_settled() => {
                Some(ComponentPhase::Stuck { why: why.clone() })
            }
            (phase, Event::Superseded { by, .. }) if !phase.is_settled() => {
                Some(ComponentPhase::Superseded { by: by.clone() })
            }
            // A component that turns out not to have been updated needs no way back.
            (ComponentPhase::Registered, Event::RolledBack { .. }) if failing => Some(ComponentPhase::Untouched),
            _ => None,
        }
    }
}

impl Component {
    /// What serves once it is back: the target, under the revision that brought it.
    pub fn goes_back_to(&self) -> Option<Serving> {
        let serving = self.plan.target.as_ref()?.serving.clone();
        let task_definition = self.restored.clone().unwrap_or(serving.task_definition);
        Some(Serving { task_definition, ..serving })
    }

    /// Keeps what was found out about the rollout, or about the way back.
    fn diagnosed(&mut self, diagnosis: &Diagnosis) -> ComponentPhase {
        let place = match self.phase {
            ComponentPhase::RollingBack { .. } => &mut self.diagnosis_of_rollback,
            ComponentPhase::Planned
            | ComponentPhase::Registered
            | ComponentPhase::RollingOut
            | ComponentPhase::Paused { .. }
            | ComponentPhase::Cleared { .. }
            | ComponentPhase::RolledOut { .. }
            | ComponentPhase::Proven { .. }
            | ComponentPhase::Failed
            | ComponentPhase::Untouched
            | ComponentPhase::RolledBack { .. }
            | ComponentPhase::Stuck { .. }
            | ComponentPhase::Superseded { .. } => &mut self.diagnosis,
        };
        *place = Some(diagnosis.clone());
        self.phase.clone()
    }

    /// Keeps what an event tells of a component of which nothing was changed and nothing will be.
    fn noted(&mut self, event: &Event) -> Option<ComponentPhase> {
        match event {
            Event::Published { bytes, .. } => self.published = Some(*bytes),
            Event::Registered { revision, reused, .. } => {
                self.revision = Some(revision.clone());
                self.reused = *reused;
            }
            Event::RolledOut { end, .. } => self.rollout.clone_from(end),
            Event::SmokePassed { results, .. } => self.smoke.clone_from(results),
            Event::Failed { failure, results, .. } => {
                self.failure = Some(failure.clone());
                self.smoke.clone_from(results);
            }
            Event::Superseded { .. } => {}
            Event::Requested { .. }
            | Event::Decided { .. }
            | Event::Leased { .. }
            | Event::LeaseHeld { .. }
            | Event::CheckRefused { .. }
            | Event::Checked { .. }
            | Event::UpdateAccepted { .. }
            | Event::Paused { .. }
            | Event::Cleared { .. }
            | Event::Continued { .. }
            | Event::Diagnosed { .. }
            | Event::Switched { .. }
            | Event::WentLive { .. }
            | Event::SwitchedBack { .. }
            | Event::Replaced { .. }
            | Event::RollbackBegan { .. }
            | Event::RolledBack { .. }
            | Event::Stuck { .. }
            | Event::Errored { .. }
            | Event::Suspended { .. }
            | Event::Resumed { .. }
            | Event::Concluded { .. } => return None,
        }
        Some(ComponentPhase::Untouched)
    }
}

impl ComponentPhase {
    fn after_failure(&self, kind: FailureKind, change: &Change) -> Option<Self> {
        let is_rolling =
            matches!(self, Self::RollingOut | Self::Paused { .. } | Self::Cleared { .. } | Self::RolledOut { .. });
        let touched = is_rolling && *change != Change::Nothing;
        match (self, kind) {
            (
                Self::Planned | Self::Registered,
                FailureKind::Publishing
                | FailureKind::Registration
                | FailureKind::Update
                | FailureKind::Credentials
                | FailureKind::Internal,
            ) => Some(Self::Untouched),
            (
                Self::Planned | Self::RolledOut { .. },
                FailureKind::Digest | FailureKind::Smoke | FailureKind::Rollout,
            ) if *change == Change::Nothing => Some(Self::Untouched),
            (
                _,
                FailureKind::Rollout
                | FailureKind::Digest
                | FailureKind::Smoke
                | FailureKind::Declined
                | FailureKind::Undetected,
            ) if touched => Some(Self::Failed),
            _ => None,
        }
    }

    fn can_begin_rollback(&self) -> bool {
        match self {
            Self::Registered
            | Self::RollingOut
            | Self::Paused { .. }
            | Self::Cleared { .. }
            | Self::RolledOut { .. }
            | Self::Proven { .. }
            | Self::Failed => true,
            Self::Planned
            | Self::Untouched
            | Self::RollingBack { .. }
            | Self::RolledBack { .. }
            | Self::Stuck { .. }
            | Self::Superseded { .. } => false,
        }
    }
}
