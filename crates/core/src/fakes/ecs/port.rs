//! The two ports of [`FakeEcs`].

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    fakes::mishap::locked,
    identifier::{
        ClusterName, FamilyName, HookId, ServiceDeploymentArn, ServiceName, ServiceRevisionArn, TaskDefinitionArn,
    },
    ports::{CallError, Clock as _, Fault, RegisteredRevision, ServiceUpdate, Services, TaskDefinitions},
    rollout::{PauseWord, ServiceDeployment, ServiceKey, ServiceRevision, ServiceSnapshot, ServiceTask, StoppedTask},
    task_definition::Document,
};

use super::{
    fake::{Call, FakeEcs, Operation, State},
    rollout::Rollout,
    service::Service,
};

impl FakeEcs {
    /// Does what is asked at this time, unless something happens to the call.
    async fn call<T>(
        &self,
        operation: Operation,
        subject: String,
        work: impl FnOnce(&mut State, Timestamp) -> Result<T, CallError> + Send,
    ) -> Result<T, CallError> {
        let mishap = {
            let mut state = locked(&self.state);
            let now = self.clock.now();
            state.cloud.settle(now);
            state.calls.push(Call { operation, subject });
            match state.mishap(operation) {
                None => return work(&mut state, now),
                Some(mishap) => {
                    if mishap.is_carried_out() {
                        drop(work(&mut state, now));
                    }
                    mishap
                }
            }
        };
        mishap.answer(operation.name()).await
    }
}

#[async_trait]
impl Services for FakeEcs {
    async fn describe(&self, services: &[ServiceKey]) -> Result<Vec<Option<ServiceSnapshot>>, CallError> {
        let operation = Operation::DescribeServices;
        self.call(operation, joined(services), |state, now| {
            services.iter().map(|key| described(state, key, now)).collect()
        })
        .await
    }

    async fn names(&self, cluster: &ClusterName) -> Result<Vec<ServiceName>, CallError> {
        self.call(Operation::ListServices, cluster.to_string(), |state, _| {
            let of_cluster = state.cloud.services.keys().filter(|key| key.cluster == *cluster);
            Ok(of_cluster.map(|key| key.service.clone()).collect())
        })
        .await
    }

    async fn deployments(
        &self,
        service: &ServiceKey,
        after: Option<Timestamp>,
    ) -> Result<Option<Vec<ServiceDeployment>>, CallError> {
        let operation = Operation::ListServiceDeployments;
        self.call(operation, service.to_string(), |state, _| {
            let found = state.cloud.service(operation, service)?;
            // ECS's clock has more digits than virtual time: what was created in this instant was created after it.
            let is_after = |rollout: &&Rollout| after.is_none_or(|after| rollout.created_at >= after);
            let rollouts = found.rollouts.iter().rev().filter(is_after);
            let listed = rollouts.map(|rollout| state.cloud.listed(found, rollout)).collect();
            Ok(state.cloud.offers_deployments.then_some(listed))
        })
        .await
    }

    async fn deployments_in_full(&self, arns: &[ServiceDeploymentArn]) -> Result<Vec<ServiceDeployment>, CallError> {
        let operation = Operation::DescribeServiceDeployments;
        self.call(operation, joined(arns), |state, _| {
            let all: Vec<_> = rollouts(state).map(|(service, rollout)| state.cloud.in_full(service, rollout)).collect();
            let wanted = |arn: &ServiceDeploymentArn| all.iter().find(|one| one.arn == *arn).cloned();
            Ok(arns.iter().filter_map(wanted).collect())
        })
        .await
    }

    async fn revision(&self, arn: &ServiceRevisionArn) -> Result<Option<ServiceRevision>, CallError> {
        let operation = Operation::DescribeServiceRevisions;
        self.call(operation, arn.to_string(), |state, _| {
            let mut all = rollouts(state).map(|(service, rollout)| state.cloud.revision(service, rollout));
            Ok(all.find(|revision| revision.arn == *arn))
        })
        .await
    }

    async fn tasks(&self, service: &ServiceKey) -> Result<Vec<ServiceTask>, CallError> {
        let operation = Operation::DescribeTasks;
        self.call(operation, service.to_string(), |state, now| {
            let found = state.cloud.service(operation, service)?;
            Ok(state.cloud.tasks(found, now))
        })
        .await
    }

    async fn stopped_tasks(&self, service: &ServiceKey) -> Result<Vec<StoppedTask>, CallError> {
        let operation = Operation::DescribeStoppedTasks;
        self.call(operation, service.to_string(), |state, now| {
            let found = state.cloud.service(operation, service)?;
            Ok(state.cloud.stopped(found, now))
        })
        .await
    }

    async fn update(&self, service: &ServiceKey, update: &ServiceUpdate) -> Result<ServiceSnapshot, CallError> {
        let subject = format!("{service} {}", update.task_definition.short());
        self.call(Operation::UpdateService, subject, |state, now| {
            let snapshot = state.cloud.update(service, update, now)?;
            Ok(state.distorted(service, snapshot))
        })
        .await
    }

    async fn stop(&self, deployment: &ServiceDeploymentArn) -> Result<(), CallError> {
        let operation = Operation::StopServiceDeployment;
        self.call(operation, deployment.to_string(), |state, now| {
            state.cloud.stop(operation, deployment, |service| service.go_back(now))
        })
        .await
    }

    async fn answer(&self, deployment: &ServiceDeploymentArn, hook: &HookId, word: PauseWord) -> Result<(), CallError> {
        let operation = Operation::ContinueServiceDeployment;
        self.call(operation, format!("{deployment} {hook}"), |state, now| {
            state.cloud.answer(operation, deployment, word, now)
        })
        .await
    }
}

#[async_trait]
impl TaskDefinitions for FakeEcs {
    async fn describe(&self, arn: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError> {
        let subject = arn.short().to_owned();
        self.call(Operation::DescribeTaskDefinition, subject, |state, _| Ok(state.cloud.families.get(arn).cloned()))
            .await
    }

    async fn latest(&self, family: &FamilyName) -> Result<Option<RegisteredRevision>, CallError> {
        let subject = family.to_string();
        self.call(Operation::DescribeTaskDefinition, subject, |state, _| {
            Ok(state.cloud.families.latest(family).cloned())
        })
        .await
    }

    async fn register(&self, document: &Document) -> Result<TaskDefinitionArn, CallError> {
        let operation = Operation::RegisterTaskDefinition;
        let subject = document.family().map(|family| family.to_string()).unwrap_or_default();
        self.call(operation, subject, |state, _| {
            let prefix = state.cloud.prefix("task-definition");
            let registered = state.cloud.families.register(&prefix, document.clone());
            registered.map_err(|words| operation.refused(Fault::Rejected, "ClientException", words))
        })
        .await
    }
}

fn described(state: &State, key: &ServiceKey, now: Timestamp) -> Result<Option<ServiceSnapshot>, CallError> {
    match state.cloud.service(Operation::DescribeServices, key) {
        Ok(service) => Ok(Some(state.distorted(key, state.cloud.shown(service, now)))),
        Err(error) if error.code.as_deref() == Some("ServiceNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// All rollouts of all services.
fn rollouts(state: &State) -> impl Iterator<Item = (&Service, &Rollout)> {
    let services = state.cloud.services.values();
    services.flat_map(|service| service.rollouts.iter().map(move |rollout| (service, rollout)))
}

fn joined<T: std::fmt::Display>(subjects: &[T]) -> String {
    subjects.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
