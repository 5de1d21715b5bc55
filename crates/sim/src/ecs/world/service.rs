//! A service with everything that belongs to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    configuration::Configuration,
    deployment::{Deployment, DeploymentStatus, Revision},
    event::Events,
    service_deployment::{RevisionCounts, ServiceDeployment},
    task::{Task, TaskStatus},
};

/// A service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "AWS's own words")]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) cluster: String,
    pub(crate) cluster_arn: String,
    pub(crate) status: ServiceStatus,
    pub(crate) controller: Controller,
    pub(crate) created_at: Timestamp,
    /// The request that created it.
    pub(crate) created_from: Value,
    /// The members that are shown as they were given.
    pub(crate) document: Map<String, Value>,
    pub(crate) configuration: Value,
    pub(crate) desired: u32,
    pub(crate) task_definition: String,
    /// Newest first; the first one is PRIMARY.
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) revisions: Vec<Revision>,
    /// Oldest first.
    pub(crate) service_deployments: Vec<ServiceDeployment>,
    /// The ARN shown as `currentServiceDeployment`.
    pub(crate) current: Option<String>,
    /// The digits of the deployment that last completed and that a rollback would put back.
    pub(crate) candidate: Option<String>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) events: Events,
    /// Whether its last word was that it has reached a steady state.
    pub(crate) steady: bool,
    /// When the scheduler looks at it next, whatever else is due.
    pub(crate) look_at: Option<Timestamp>,
    /// When its deletion was complete.
    pub(crate) inactive_since: Option<Timestamp>,
}

/// Whether a service is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ServiceStatus {
    Active,
    Draining,
    Inactive,
}

/// Who deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Controller {
    Ecs,
    CodeDeploy,
    External,
}

impl ServiceStatus {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Draining => "DRAINING",
            Self::Inactive => "INACTIVE",
        }
    }
}

impl Controller {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ecs => "ECS",
            Self::CodeDeploy => "CODE_DEPLOY",
            Self::External => "EXTERNAL",
        }
    }
}

impl Service {
    /// What its `deploymentConfiguration` says.
    pub(crate) fn settings(&self) -> Configuration {
        Configuration::read(&self.configuration)
    }

    /// The PRIMARY deployment.
    pub(crate) fn primary(&self) -> Option<&Deployment> {
        self.deployments.first().filter(|deployment| deployment.status == DeploymentStatus::Primary)
    }

    /// The PRIMARY deployment, to be changed.
    pub(crate) fn primary_mut(&mut self) -> Option<&mut Deployment> {
        self.deployments.first_mut().filter(|deployment| deployment.status == DeploymentStatus::Primary)
    }

    /// The deployment with these digits, to be changed.
    pub(crate) fn deployment_mut(&mut self, digits: &str) -> Option<&mut Deployment> {
        self.deployments.iter_mut().find(|deployment| deployment.digits == digits)
    }

    /// The revision with these digits.
    pub(crate) fn revision(&self, digits: &str) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.digits == digits)
    }

    /// The newest service deployment, unless it has ended.
    pub(crate) fn open(&self) -> Option<&ServiceDeployment> {
        self.service_deployments.last().filter(|deployment| !deployment.status.is_terminal())
    }

    /// The newest service deployment, unless it has ended, to be changed.
    pub(crate) fn open_mut(&mut self) -> Option<&mut ServiceDeployment> {
        self.service_deployments.last_mut().filter(|deployment| !deployment.status.is_terminal())
    }

    /// The live tasks of a deployment.
    pub(crate) fn live_of<'a>(&'a self, digits: &'a str) -> impl Iterator<Item = &'a Task> {
        self.tasks.iter().filter(move |task| task.is_live() && task.is_of(digits))
    }

    /// Requested, running and pending tasks of a deployment.
    pub(crate) fn counts(&self, digits: &str) -> RevisionCounts {
        let requested = self
            .deployments
            .iter()
            .find(|deployment| deployment.digits == digits)
            .map_or(0, |deployment| deployment.desired);
        RevisionCounts {
            digits: digits.to_owned(),
            requested,
            running: count(self.live_of(digits).filter(|task| task.is_running())),
            pending: count(self.live_of(digits).filter(|task| task.is_pending())),
        }
    }

    /// Whether a task of the deployment is not STOPPED yet.
    pub(crate) fn has_remains(&self, digits: &str) -> bool {
        self.tasks.iter().any(|task| task.is_of(digits) && task.last_status != TaskStatus::Stopped)
    }
}

/// How many there are.
pub(crate) fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
