//! The world beside the machine: one ECS service, the lease, the calls that are under way.

use crate::{
    identifier::{DeploymentId, TaskDefinitionArn},
    rollout::{Controller, Deployment, DeploymentStatus, RolloutState, ServiceSnapshot, ServiceStatus, Strategy},
};

use super::super::tests::{deployment, td};

/// What may be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Release {
    Old,
    New,
    Theirs,
}

/// How the primary deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Standing {
    Rolling,
    Complete,
    /// ECS gave it up and put nothing back.
    GivenUp,
    /// ECS is going back to it.
    ComingBack,
}

/// A deployment: what it brings, and its number.
pub(super) type Numbered = (Release, u32);

/// A change that was sent and has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Flying {
    pub(super) release: Release,
    /// The sender's fence.
    pub(super) fence: u64,
    /// Whether it was sent without the store, and so without knowing whether the lease is still held.
    pub(super) is_blind: bool,
}

/// The right to change the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Held {
    pub(super) fence: u64,
    /// Whether somebody else may take it: given back, or run out.
    pub(super) is_free: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// Whether the release passes its smoke checks.
    pub(super) is_good: bool,
    pub(super) primary: Numbered,
    pub(super) standing: Standing,
    /// The last that was complete.
    pub(super) steady: Numbered,
    /// The deployments there ever were, as the service deployments remember them.
    pub(super) came: Vec<Numbered>,
    pub(super) flying: Vec<Flying>,
    pub(super) lease: Option<Held>,
    pub(super) is_store_gone: bool,
    /// How many calls arrived after their sender's lease was somebody else's. ECS cannot fence.
    pub(super) unfenced: u8,
}

impl World {
    pub(super) fn new(is_good: bool) -> Self {
        let first = (Release::Old, 1);
        Self {
            is_good,
            primary: first,
            standing: Standing::Complete,
            steady: first,
            came: vec![first],
            flying: Vec::new(),
            lease: None,
            is_store_gone: false,
            unfenced: 0,
        }
    }

    /// Sets the service. What is set already starts nothing.
    pub(super) fn deploy(&mut self, release: Release) {
        if self.primary.0 == release {
            return;
        }
        self.primary = (release, u32::try_from(self.came.len()).unwrap() + 1);
        self.standing = Standing::Rolling;
        self.came.push(self.primary);
    }

    /// A change arrives.
    pub(super) fn arrive(&mut self, call: Flying) {
        let is_fenced = self.lease.is_some_and(|lease| lease.fence == call.fence);
        self.unfenced += u8::from(!is_fenced);
        self.deploy(call.release);
    }

    /// How many rollouts of it there were; the one that served at first counts for none.
    pub(super) fn rollouts(&self, release: Release) -> usize {
        self.came.iter().skip(1).filter(|(one, _)| *one == release).count()
    }

    /// Everything that ECS may do next by itself.
    pub(super) fn moves(&self) -> Vec<Self> {
        let after = |change: fn(&mut Self)| {
            let mut next = self.clone();
            change(&mut next);
            next
        };
        match self.standing {
            Standing::Complete | Standing::GivenUp => Vec::new(),
            Standing::ComingBack => vec![after(|next| next.standing = Standing::Complete)],
            Standing::Rolling => vec![
                after(|next| {
                    next.standing = Standing::Complete;
                    next.steady = next.primary;
                }),
                after(|next| next.standing = Standing::GivenUp),
                after(|next| {
                    next.primary = next.steady;
                    next.standing = Standing::ComingBack;
                }),
            ],
        }
    }

    /// Whether that release serves, wholly.
    pub(super) fn serves(&self, release: Release) -> bool {
        self.primary.0 == release && self.standing == Standing::Complete
    }

    pub(super) fn snapshot(&self) -> ServiceSnapshot {
        let (state, reason) = match self.standing {
            Standing::Complete => (RolloutState::Completed, None),
            Standing::Rolling => (RolloutState::InProgress, None),
            Standing::GivenUp => (RolloutState::Failed, None),
            Standing::ComingBack => (RolloutState::InProgress, Some("rolling back to deploymentId x".to_owned())),
        };
        let primary = Deployment {
            id: id(self.primary),
            status: DeploymentStatus::Primary,
            task_definition: revision(self.primary.0),
            rollout: Some(state),
            reason,
            desired: 2,
            running: 2,
            pending: 0,
            failed: 0,
            created_at: None,
        };
        ServiceSnapshot {
            status: ServiceStatus::Active,
            controller: Controller::Ecs { strategy: Strategy::Rolling },
            is_express: false,
            desired: 2,
            running: 2,
            pending: 0,
            task_definition: Some(revision(self.primary.0)),
            deployments: vec![primary],
            minimum_healthy_percent: None,
            maximum_percent: None,
            grace_seconds: 0,
            events: Vec::new(),
            circuit_breaker: None,
            alarms: Vec::new(),
            configuration: None,
            target_groups: Vec::new(),
            current: None,
        }
    }
}

pub(super) fn revision(release: Release) -> TaskDefinitionArn {
    td(match release {
        Release::Old => 1,
        Release::New => 2,
        Release::Theirs => 3,
    })
}

pub(super) fn id((_, number): Numbered) -> DeploymentId {
    deployment(number)
}
