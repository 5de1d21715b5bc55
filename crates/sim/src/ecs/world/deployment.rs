//! A deployment of the classic model (`DescribeServices.deployments[]`), and the revision it brings.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::image::PulledImage;

/// The immutable part: what a deployment deploys. Its digits are also those of the deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) digits: String,
    pub(crate) arn: String,
    pub(crate) created_at: Timestamp,
    pub(crate) task_definition: String,
    /// The deploying members of the service when it was made.
    pub(crate) document: Map<String, Value>,
    /// Whether its tasks are in the alternate target group.
    #[serde(default)]
    pub(crate) alternate: bool,
    /// What each container's image turned out to be, once the first task has pulled them.
    pub(crate) images: Vec<ResolvedImage>,
}

/// What a container's image turned out to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ResolvedImage {
    pub(crate) container: String,
    pub(crate) image: String,
    /// The image, whose digest later tasks of the revision use.
    pub(crate) pulled: PulledImage,
    /// Whether later tasks are bound to the digest (`versionConsistency`).
    pub(crate) pinned: bool,
}

/// One entry of `deployments[]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deployment {
    pub(crate) digits: String,
    pub(crate) task_definition: String,
    pub(crate) status: DeploymentStatus,
    pub(crate) rollout: Rollout,
    pub(crate) reason: String,
    pub(crate) desired: u32,
    /// Consecutively failed tasks, for people.
    pub(crate) failed_tasks: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Whether a task of it ever ran: the circuit breaker's second stage.
    pub(crate) reached_running: bool,
    /// Tasks whose images could not be pulled.
    #[serde(default)]
    pub(crate) unpulled: u32,
    pub(crate) backoff: Backoff,
    /// When it was given up.
    #[serde(default)]
    pub(crate) given_up_at: Option<Timestamp>,
    /// When it was completely replaced.
    pub(crate) inactive_since: Option<Timestamp>,
}

/// Which of a service's deployments it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeploymentStatus {
    Primary,
    Active,
    Inactive,
}

/// How far it is (`rolloutState`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

/// The pause before tasks are launched again that never ran.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Backoff {
    /// Rounds of failed launches without a task that ran.
    pub(crate) rounds: i32,
    pub(crate) last_failure: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
}

impl Deployment {
    /// A PRIMARY deployment that has just begun.
    pub(crate) fn new(digits: &str, task_definition: &str, desired: u32, at: Timestamp) -> Self {
        Self {
            digits: digits.to_owned(),
            task_definition: task_definition.to_owned(),
            status: DeploymentStatus::Primary,
            rollout: Rollout::InProgress,
            reason: format!("ECS deployment ecs-svc/{digits} in progress."),
            desired,
            failed_tasks: 0,
            created_at: at,
            updated_at: at,
            reached_running: false,
            unpulled: 0,
            backoff: Backoff::default(),
            given_up_at: None,
            inactive_since: None,
        }
    }

    /// `ecs-svc/<digits>`.
    pub(crate) fn id(&self) -> String {
        format!("ecs-svc/{}", self.digits)
    }

    /// Whether launches must wait at `at`.
    pub(crate) fn is_backing_off(&self, at: Timestamp) -> bool {
        self.backoff.not_before.is_some_and(|until| until > at)
    }
}

impl DeploymentStatus {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }
}

impl Rollout {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}
