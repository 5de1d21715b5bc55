//! [`FakeEcs`]: what a test tells ECS, and what it can ask about afterwards.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use crate::{
    fakes::{
        VirtualClock,
        mishap::{Mishap, locked},
    },
    identifier::{AccountId, Digest, Region, TaskDefinitionArn},
    ports::{CallError, Clock as _, Fault, ServiceUpdate},
    rollout::{DeploymentConfiguration, PauseWord, ServiceKey, ServiceSnapshot},
    task_definition::Document,
};

use super::{cloud::Cloud, rollout::Outcome, service::Service};

/// What is asked of ECS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are ECS's own names")]
pub enum Operation {
    DescribeServices,
    ListServices,
    ListServiceDeployments,
    DescribeServiceDeployments,
    DescribeServiceRevisions,
    DescribeTasks,
    DescribeStoppedTasks,
    UpdateService,
    StopServiceDeployment,
    ContinueServiceDeployment,
    DescribeTaskDefinition,
    RegisterTaskDefinition,
}

impl Operation {
    /// The name with its service, for example `ecs:UpdateService`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DescribeServices => "ecs:DescribeServices",
            Self::ListServices => "ecs:ListServices",
            Self::ListServiceDeployments => "ecs:ListServiceDeployments",
            Self::DescribeServiceDeployments => "ecs:DescribeServiceDeployments",
            Self::DescribeServiceRevisions => "ecs:DescribeServiceRevisions",
            Self::DescribeTasks | Self::DescribeStoppedTasks => "ecs:DescribeTasks",
            Self::StopServiceDeployment => "ecs:StopServiceDeployment",
            Self::ContinueServiceDeployment => "ecs:ContinueServiceDeployment",
            Self::UpdateService => "ecs:UpdateService",
            Self::DescribeTaskDefinition => "ecs:DescribeTaskDefinition",
            Self::RegisterTaskDefinition => "ecs:RegisterTaskDefinition",
        }
    }

    pub(super) fn refused(self, fault: Fault, code: &str, message: &str) -> CallError {
        let (code, message) = (Some(code.to_owned()), message.to_owned());
        CallError { operation: self.name().to_owned(), fault, code, message }
    }
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What was asked.
    pub operation: Operation,
    /// Of what: services, ARNs, a family; for an update the service and the task definition.
    pub subject: String,
}

/// How a test bends what one service shows.
type Distortion = Arc<dyn Fn(&mut ServiceSnapshot) + Send + Sync>;

/// ECS of one account and region: the ports [`Services`](crate::ports::Services) and
/// [`TaskDefinitions`](crate::ports::TaskDefinitions).
///
/// A service that is created is steady. What an update comes to is scripted by the image's digest
/// ([`FakeEcs::script`]); without a script it succeeds after a minute.
pub struct FakeEcs {
    pub(super) clock: VirtualClock,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    pub(super) cloud: Cloud,
    pub(super) calls: Vec<Call>,
    pub(super) mishaps: Vec<(Operation, Mishap)>,
    pub(super) distortions: BTreeMap<ServiceKey, Distortion>,
}

impl FakeEcs {
    /// ECS without services.
    pub fn new(clock: &VirtualClock, account: &AccountId, region: &Region) -> Self {
        let cloud = Cloud::new(account.clone(), region.clone());
        let state = State { cloud, calls: Vec::new(), mishaps: Vec::new(), distortions: BTreeMap::new() };
        Self { clock: clock.clone(), state: Mutex::new(state) }
    }

    /// Registers a task definition behind Towpath's back.
    ///
    /// # Errors
    /// What ECS refuses: no family, no containers.
    pub fn add_task_definition(&self, document: Document) -> Result<TaskDefinitionArn, CallError> {
        self.with(|cloud| {
            let prefix = cloud.prefix("task-definition");
            let refused =
                |words: &str| Operation::RegisterTaskDefinition.refused(Fault::Rejected, "ClientException", words);
            cloud.families.register(&prefix, document).map_err(refused)
        })
    }

    /// Creates a service that is steady on a task definition.
    ///
    /// # Errors
    /// What ECS refuses: a task definition that is not there or inactive.
    pub fn add_service(
        &self,
        key: &ServiceKey,
        task_definition: &TaskDefinitionArn,
        desired: u32,
    ) -> Result<(), CallError> {
        let now = self.clock.now();
        self.with(|cloud| cloud.create(key, task_definition, desired, now))
    }

    /// Deploys behind Towpath's back.
    ///
    /// # Errors
    /// What ECS refuses.
    pub fn deploy_as_somebody_else(&self, key: &ServiceKey, arn: &TaskDefinitionArn) -> Result<(), CallError> {
        let now = self.clock.now();
        self.with(|cloud| cloud.update(key, &ServiceUpdate::to(arn.clone()), now).map(drop))
    }

    /// Answers the hook that the service's rollout waits at, behind Towpath's back.
    ///
    /// # Errors
    /// What ECS refuses: a rollout that does not wait.
    pub fn answer_as_somebody_else(&self, key: &ServiceKey, word: PauseWord) -> Result<(), CallError> {
        let now = self.clock.now();
        self.with(|cloud| {
            let operation = Operation::ContinueServiceDeployment;
            let service = cloud.service(operation, key)?;
            let arn = cloud.deployment_arn(&service.key, service.current());
            cloud.answer(operation, &arn, word, now)
        })
    }

    /// Makes a task definition inactive.
    pub fn deregister(&self, arn: &TaskDefinitionArn) {
        self.with(|cloud| cloud.families.deregister(arn));
    }

    /// Changes how many tasks a service wants.
    pub fn scale(&self, key: &ServiceKey, desired: u32) {
        self.change(key, |service| service.desired = desired);
    }

    /// Deletes a service: from then on it is `INACTIVE`.
    pub fn delete_service(&self, key: &ServiceKey) {
        self.change(key, |service| service.is_deleted = true);
    }

    /// Says what a rollout of that digest comes to, from the next one on.
    pub fn script(&self, digest: &Digest, outcome: Outcome) {
        self.with(|cloud| cloud.outcomes.insert(digest.clone(), outcome));
    }

    /// Says what a rollout of that revision comes to, whatever its image, from the next one on.
    pub fn script_revision(&self, arn: &TaskDefinitionArn, outcome: Outcome) {
        self.with(|cloud| cloud.revisions.insert(arn.clone(), outcome));
    }

    /// Says how ECS deploys a service.
    pub fn configure(&self, key: &ServiceKey, configuration: DeploymentConfiguration) {
        self.change(key, |service| service.configuration = Some(configuration));
    }

    /// Lets described services name the service deployment that is current, which ECS does for some. Whether that is the
    /// newest one while ECS rolls back is not documented; here it is.
    pub fn hint_service_deployments(&self) {
        self.with(|cloud| cloud.hints = true);
    }

    /// What happens to the next such call that nothing happens to yet.
    pub fn next(&self, operation: Operation, mishap: Mishap) {
        locked(&self.state).mishaps.push((operation, mishap));
    }

    /// Takes service deployments away, as for a caller who may not list them.
    pub fn hide_service_deployments(&self) {
        self.with(|cloud| cloud.offers_deployments = false);
    }

    /// Bends what the service shows from now on, in descriptions and in the answers to updates.
    pub fn distort(&self, key: &ServiceKey, distortion: impl Fn(&mut ServiceSnapshot) + Send + Sync + 'static) {
        locked(&self.state).distortions.insert(key.clone(), Arc::new(distortion));
    }

    /// The calls that were made, in order, whatever became of them.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.state).calls.clone()
    }

    /// The task definitions that the service's running tasks run now, the newest first.
    pub fn serving(&self, key: &ServiceKey) -> Vec<TaskDefinitionArn> {
        let now = self.clock.now();
        self.with(|cloud| {
            let deployments = cloud.services.get(key).map(|service| service.classic(now)).unwrap_or_default();
            let running = deployments.into_iter().filter(|deployment| deployment.running > 0);
            running.map(|deployment| deployment.task_definition).collect()
        })
    }

    /// Holds the same as the other one. What bends what a service shows stays behind.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        let cloud = locked(&other.state).cloud.clone();
        locked(&self.state).cloud = cloud;
    }

    /// All that ECS holds, as text: two worlds with the same text go on alike.
    #[cfg(test)]
    pub(crate) fn model(&self) -> String {
        self.with(|cloud| format!("{cloud:?}"))
    }

    fn change(&self, key: &ServiceKey, change: impl FnOnce(&mut Service)) {
        self.with(|cloud| {
            if let Some(service) = cloud.services.get_mut(key) {
                change(service);
            }
        });
    }

    /// Looks at or changes the model as it is now.
    fn with<T>(&self, work: impl FnOnce(&mut Cloud) -> T) -> T {
        let mut state = locked(&self.state);
        state.cloud.settle(self.clock.now());
        work(&mut state.cloud)
    }
}

impl State {
    pub(super) fn mishap(&mut self, operation: Operation) -> Option<Mishap> {
        let next = self.mishaps.iter().position(|(of, _)| *of == operation)?;
        Some(self.mishaps.remove(next).1)
    }

    pub(super) fn distorted(&self, key: &ServiceKey, mut snapshot: ServiceSnapshot) -> ServiceSnapshot {
        if let Some(distort) = self.distortions.get(key) {
            distort(&mut snapshot);
        }
        snapshot
    }
}

impl std::fmt::Debug for FakeEcs {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = locked(&self.state);
        formatter
            .debug_struct("FakeEcs")
            .field("cloud", &state.cloud)
            .field("calls", &state.calls)
            .finish_non_exhaustive()
    }
}
