//! What was read of a service at one instant, in ECS's own words made types.
//!
//! Unknown values are kept, never mapped onto a known one: ECS grows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{
    AlarmName, ClusterName, ContainerName, DeploymentId, Digest, ServiceDeploymentArn, ServiceName, ServiceRevisionArn,
    TargetGroupArn, TaskArn, TaskDefinitionArn,
};

use super::{
    configuration::DeploymentConfiguration,
    pause::{Pause, TrafficWeights},
};

/// Which service is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceKey {
    /// Its cluster.
    pub cluster: ClusterName,
    /// Its name.
    pub service: ServiceName,
}

impl std::fmt::Display for ServiceKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.cluster, self.service)
    }
}

/// A service as `DescribeServices` shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceSnapshot {
    /// Its status: `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: ServiceStatus,
    /// Who deploys it.
    pub controller: Controller,
    /// Whether ECS manages it as an express service.
    pub is_express: bool,
    /// How many tasks are wanted.
    pub desired: u32,
    /// How many run, over all deployments.
    pub running: u32,
    /// How many are being started, over all deployments.
    pub pending: u32,
    /// The task definition it is set to.
    pub task_definition: Option<TaskDefinitionArn>,
    /// Its deployments in the classic model, the primary one first.
    pub deployments: Vec<Deployment>,
    /// `minimumHealthyPercent`, where shown.
    pub minimum_healthy_percent: Option<u32>,
    /// `maximumPercent`, where shown.
    pub maximum_percent: Option<u32>,
    /// The time after a task's start in which health is not judged, in seconds.
    pub grace_seconds: u32,
    /// What ECS tells people, newest first.
    pub events: Vec<ServiceEvent>,
    /// The deployment circuit breaker, where shown.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// The alarms that ECS watches while it deploys; none where that is off.
    pub alarms: Vec<AlarmName>,
    /// How ECS deploys, as ECS shows it.
    pub configuration: Option<DeploymentConfiguration>,
    /// The target groups that its tasks are registered in.
    pub target_groups: Vec<TargetGroupArn>,
    /// The service deployment that ECS calls current. A hint: whether it is ours is for its target revision to say.
    pub current: Option<ServiceDeploymentArn>,
}

/// The deployment circuit breaker's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether ECS gives up a deployment whose tasks fail.
    pub is_on: bool,
    /// Whether it then puts back what served before.
    pub rolls_back: bool,
}

impl ServiceSnapshot {
    /// The most recent deployment. Were several called primary, the newest of them.
    pub fn primary(&self) -> Option<&Deployment> {
        let primaries = self.deployments.iter().filter(|deployment| deployment.status == DeploymentStatus::Primary);
        primaries.max_by_key(|deployment| (deployment.created_at, &deployment.id))
    }

    /// The deployment of that id, if it is still listed.
    pub fn deployment(&self, id: &DeploymentId) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.id == *id)
    }
}

/// A service's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It runs tasks.
    Active,
    /// It is being deleted.
    Draining,
    /// It was deleted.
    Inactive,
    /// A value newer than this program.
    Unknown(String),
}

/// Who deploys a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Controller {
    /// ECS itself; also when the member is absent or empty.
    Ecs {
        /// The strategy, `ROLLING` when absent.
        strategy: Strategy,
    },
    /// AWS `CodeDeploy`.
    CodeDeploy,
    /// A third party.
    External,
    /// A value newer than this program.
    Unknown(String),
}

/// How ECS replaces tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// Step by step.
    Rolling,
    /// All new tasks beside all old ones, then all traffic at once.
    BlueGreen,
    /// All new tasks beside all old ones, then traffic in equal steps.
    Linear,
    /// All new tasks beside all old ones, then a little traffic, then all.
    Canary,
    /// A value newer than this program, by its name in ECS.
    Unknown(String),
}

/// A deployment in the classic model.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its id. After a rollback the old id may be primary again.
    pub id: DeploymentId,
    /// Its place.
    pub status: DeploymentStatus,
    /// What it runs.
    pub task_definition: TaskDefinitionArn,
    /// How far it is; `None` where ECS does not say. Never read that as success.
    pub rollout: Option<RolloutState>,
    /// ECS's words about it.
    pub reason: Option<String>,
    /// How many tasks it wants.
    pub desired: u32,
    /// How many of its tasks run.
    pub running: u32,
    /// How many of its tasks are being started.
    pub pending: u32,
    /// How many of its tasks failed in a row; informational only.
    pub failed: u32,
    /// When it was created, by the server's clock.
    pub created_at: Option<Timestamp>,
}

/// A deployment's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// The most recent one.
    Primary,
    /// Being replaced; still has tasks.
    Active,
    /// Replaced, or a value newer than this program.
    Other(String),
}

/// `rolloutState` of the classic model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolloutState {
    /// Not over.
    InProgress,
    /// Steady.
    Completed,
    /// Given up by circuit breaker or alarm.
    Failed,
    /// A value newer than this program.
    Unknown(String),
}

/// One line that ECS tells people. Evidence for people, never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// When, by the server's clock.
    pub at: Option<Timestamp>,
    /// What.
    pub message: String,
}

/// A service deployment: ECS's own account of one rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceDeployment {
    /// Its name.
    pub arn: ServiceDeploymentArn,
    /// How far it is.
    pub status: ServiceDeploymentStatus,
    /// ECS's words about it.
    pub reason: Option<String>,
    /// The revision that it brings.
    pub target: Option<ServiceRevisionArn>,
    /// The revision that ECS rolls or rolled back to.
    pub rolled_back_to: Option<ServiceRevisionArn>,
    /// Whether the circuit breaker or an alarm has fired; `None` where the answer does not tell.
    pub triggered: Option<Trip>,
    /// Whether it may succeed before all old tasks are gone.
    pub early_success: bool,
    /// The lifecycle stage, of strategies that have stages. While ECS rolls back it may still name an earlier one.
    pub stage: Option<String>,
    /// The hooks at which ECS waits for a word.
    pub pauses: Vec<Pause>,
    /// The shares of traffic that the new revision is to get, where ECS says so.
    pub traffic: Option<TrafficWeights>,
    /// The alarms that fired.
    pub fired: Vec<AlarmName>,
    /// When it was created, by the server's clock.
    pub created_at: Option<Timestamp>,
    /// When it ended, by the server's clock.
    pub finished_at: Option<Timestamp>,
}

/// What fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trip {
    /// Neither.
    Nothing,
    /// The deployment circuit breaker.
    CircuitBreaker,
    /// A `CloudWatch` alarm.
    Alarm,
}

/// The status of a service deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServiceDeploymentStatus {
    /// Created, not begun.
    Pending,
    /// Rolling.
    InProgress,
    /// A newer deployment began, or a failure was found and rollback is off.
    StopRequested,
    /// Ended without success and without rollback.
    Stopped,
    /// Somebody asked for a rollback.
    RollbackRequested,
    /// Rolling back.
    RollbackInProgress,
    /// Rolled back.
    RollbackSuccessful,
    /// The rollback failed.
    RollbackFailed,
    /// Succeeded.
    Successful,
    /// A value newer than this program.
    Unknown(String),
}

impl ServiceDeploymentStatus {
    /// Whether it will not change again.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => true,
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress
            | Self::Unknown(_) => false,
        }
    }
}

/// What a service revision says of what it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceRevision {
    /// Its name.
    pub arn: ServiceRevisionArn,
    /// The task definition it runs.
    pub task_definition: TaskDefinitionArn,
    /// The digests that ECS resolved, by container.
    pub images: Vec<(ContainerName, Option<Digest>)>,
}

/// A task of the service that is meant to run.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceTask {
    /// Its name.
    pub arn: TaskArn,
    /// What started it: the deployment's id for a service's task.
    pub started_by: Option<String>,
    /// What it runs.
    pub task_definition: TaskDefinitionArn,
    /// Its last known status, for example `RUNNING`.
    pub last_status: String,
    /// Its containers.
    pub containers: Vec<TaskContainer>,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskContainer {
    /// Its name.
    pub name: String,
    /// The digest that it runs, once pulled.
    pub digest: Option<Digest>,
}
