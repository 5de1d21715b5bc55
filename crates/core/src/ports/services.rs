//! The Services port: ECS services, read and updated.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    identifier::{ClusterName, HookId, ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TaskDefinitionArn},
    rollout::{
        DeploymentConfiguration, PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot,
        ServiceTask, StoppedTask,
    },
};

use super::CallError;

/// What a service is to be set to; nothing else of it is touched.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceUpdate {
    /// The task definition.
    pub task_definition: TaskDefinitionArn,
    /// How ECS is to deploy from now on, whole; `None` leaves that alone.
    pub configuration: Option<DeploymentConfiguration>,
    /// Whether a deployment is to begin although the task definition is set already (`forceNewDeployment`): what is set
    /// and was given up by ECS is not tried again otherwise.
    pub anew: bool,
}

impl ServiceUpdate {
    /// To this task definition, and nothing else.
    pub fn to(task_definition: TaskDefinitionArn) -> Self {
        Self { task_definition, configuration: None, anew: false }
    }
}

/// ECS services of one account and region.
#[async_trait]
pub trait Services: Send + Sync {
    /// The services as they are now, in the order asked; `None` for one that ECS calls missing.
    ///
    /// Guarantees: reads only; any number of services, ten a call. May be stale by seconds.
    /// Errors: `NotFound` for an unknown cluster.
    async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError>;

    /// The names of all services of the cluster that are not deleted, in no order, for who wrote one wrongly.
    ///
    /// Guarantees: reads only; every page.
    /// Errors: `NotFound` for an unknown cluster.
    async fn names(&self, cluster: &ClusterName) -> Result<Vec<ServiceName>, CallError>;

    /// Service deployments created after `after` (all, newest first, when absent), or `None` where ECS does not offer
    /// them for this service or the caller may not list them.
    ///
    /// Guarantees: reads only; every page; may lag behind by minutes. What a listing does not show (trip, rollback) is
    /// left empty: [`Services::deployments_in_full`] has it.
    async fn deployments(
        &self,
        service: &ServiceKey,
        after: Option<Timestamp>,
    ) -> Result<Option<Vec<ServiceDeployment>>, CallError>;

    /// These service deployments with all that ECS knows; those that are missing are left out.
    ///
    /// Guarantees: reads only; any number, twenty a call.
    async fn deployments_in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError>;

    /// What a revision runs; `None` where it is missing.
    async fn revision(&self, arn: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError>;

    /// The tasks of the service that are meant to run (desired status RUNNING).
    ///
    /// Guarantees: reads only; every page.
    async fn tasks(&self, service: &ServiceKey) -> Result<Vec<ServiceTask>, CallError>;

    /// The service's tasks that ended, of all its deployments. ECS forgets them after an hour or so.
    ///
    /// Guarantees: reads only; every page.
    async fn stopped_tasks(&self, service: &ServiceKey) -> Result<Vec<StoppedTask>, CallError>;

    /// Sets the service to what the update says and nothing else: no desired count.
    ///
    /// Guarantees: the request leaves this machine at most once, whatever happens. After `Ok`, ECS has accepted it and
    /// the snapshot is ECS's answer.
    /// Idempotence: setting the task definition that is already set starts nothing, unless it is asked for anew.
    /// Errors: `Ambiguous` means that only reading can tell; never send again before.
    async fn update(&self, service: &ServiceKey, update: &ServiceUpdate) -> Result<ServiceSnapshot, CallError>;

    /// Asks ECS to stop this service deployment and to put back what was there before it.
    ///
    /// Guarantees: the request leaves this machine at most once. After `Ok`, ECS has accepted it; whether it comes to a
    /// rollback, or the deployment succeeds first, is for reading to tell.
    /// Idempotence: asking again while the deployment is not over changes nothing.
    /// Errors: `Rejected` where the deployment is over.
    async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError>;

    /// Says to a service deployment that waits at this hook how it goes on.
    ///
    /// Guarantees: the request leaves this machine at most once.
    /// Errors: `Rejected` where it does not wait at this hook (any more).
    async fn answer(&self, deployment: &ServiceDeploymentArn, hook: &HookId, word: PauseWord) -> Result<(), CallError>;
}
