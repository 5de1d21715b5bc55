//! The model in ECS's words: what the describing calls answer.

use jiff::Timestamp;

use crate::{
    identifier::{DeploymentId, ServiceDeploymentArn, ServiceRevisionArn, TaskDefinitionArn},
    rollout::{
        Controller, Deployment, DeploymentStatus, Pause, RolloutState, ServiceDeployment, ServiceDeploymentStatus,
        ServiceKey, ServiceRevision, ServiceSnapshot, ServiceStatus, ServiceTask, StoppedContainer, StoppedTask,
        Strategy, TaskContainer, Trip,
    },
};

use super::{cloud::Cloud, rollout::Rollout, service::Service};

impl Rollout {
    /// The id in the classic model; it begins with a zero, as some of ECS's do.
    pub(super) fn deployment_id(&self) -> DeploymentId {
        format!("ecs-svc/{}", self.digits()).parse().expect("digits make a deployment id")
    }

    fn digits(&self) -> String {
        format!("0{:018}", 192_876_543_000_000_000 + self.number)
    }

    fn classic(&self, status: DeploymentStatus, state: RolloutState, reason: String, tasks: Tasks) -> Deployment {
        Deployment {
            id: self.deployment_id(),
            status,
            task_definition: self.task_definition.clone(),
            rollout: Some(state),
            reason: Some(reason),
            desired: tasks.desired,
            running: tasks.running,
            pending: tasks.desired.saturating_sub(tasks.running),
            failed: tasks.failed,
            created_at: Some(self.created_at),
        }
    }
}

/// The tasks of one deployment.
#[derive(Clone, Copy)]
struct Tasks {
    desired: u32,
    running: u32,
    failed: u32,
}

impl Service {
    /// The service as `DescribeServices` shows it.
    pub(super) fn snapshot(&self, now: Timestamp) -> ServiceSnapshot {
        let deployments = self.classic(now);
        ServiceSnapshot {
            status: if self.is_deleted { ServiceStatus::Inactive } else { ServiceStatus::Active },
            controller: Controller::Ecs { strategy: Strategy::Rolling },
            is_express: false,
            desired: if self.is_deleted { 0 } else { self.desired },
            running: deployments.iter().map(|deployment| deployment.running).sum(),
            pending: deployments.iter().map(|deployment| deployment.pending).sum(),
            task_definition: Some(self.task_definition().clone()),
            deployments,
            minimum_healthy_percent: Some(100),
            maximum_percent: Some(200),
            grace_seconds: 0,
            events: self.events.clone(),
            circuit_breaker: None,
            alarms: Vec::new(),
            configuration: self.configuration.clone(),
            target_groups: Vec::new(),
            current: None,
        }
    }

    /// The deployments in the classic model, the primary one first. One that was superseded is gone at once.
    pub(super) fn classic(&self, now: Timestamp) -> Vec<Deployment> {
        if self.is_deleted {
            return Vec::new();
        }
        let (current, steady) = (self.current(), self.steady_one());
        let all = Tasks { desired: self.desired, running: self.desired, failed: 0 };
        let ours = Tasks { running: current.running(self.desired, now), failed: current.failed(now), ..all };
        let none = Tasks { desired: 0, running: 0, failed: 3 };
        let completed = |status| steady.classic(status, RolloutState::Completed, says(steady, "completed."), all);
        let failed = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        if self.is_steady() || current.status == ServiceDeploymentStatus::RollbackSuccessful {
            return vec![completed(DeploymentStatus::Primary)];
        }
        if self.went_back() {
            let back =
                format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", steady.deployment_id());
            let old = steady.classic(DeploymentStatus::Primary, RolloutState::InProgress, back, all);
            return vec![old, current.classic(DeploymentStatus::Active, RolloutState::Failed, failed, none)];
        }
        let (state, reason) = if current.status.is_final() {
            (RolloutState::Failed, failed)
        } else {
            (RolloutState::InProgress, says(current, "in progress."))
        };
        vec![current.classic(DeploymentStatus::Primary, state, reason, ours), completed(DeploymentStatus::Active)]
    }
}

/// Where a scripted pause waits.
const HOOK_STAGE: &str = "POST_TEST_TRAFFIC_SHIFT";

fn pause() -> Pause {
    Pause {
        hook: "hook-1".parse().expect("a word is a hook's id"),
        stage: Some(HOOK_STAGE.to_owned()),
        expires_at: None,
        then: Some("ROLLBACK".to_owned()),
    }
}

fn says(rollout: &Rollout, words: &str) -> String {
    format!("ECS deployment {} {words}", rollout.deployment_id())
}

impl Cloud {
    /// A rollout as `DescribeServiceDeployments` shows it.
    pub(super) fn in_full(&self, service: &Service, rollout: &Rollout) -> ServiceDeployment {
        let back = rollout.rolled_back_to.and_then(|back| service.rollouts.iter().find(|one| one.number == back));
        ServiceDeployment {
            arn: self.deployment_arn(&service.key, rollout),
            status: rollout.status.clone(),
            reason: rollout.reason.map(str::to_owned),
            target: Some(self.revision_arn(&service.key, rollout)),
            rolled_back_to: back.map(|back| self.revision_arn(&service.key, back)),
            triggered: Some(rollout.trip),
            early_success: false,
            stage: rollout.waits_since.map(|_| HOOK_STAGE.to_owned()),
            pauses: if rollout.is_waiting() { vec![pause()] } else { Vec::new() },
            traffic: None,
            fired: Vec::new(),
            created_at: Some(rollout.created_at),
            finished_at: rollout.finished_at,
        }
    }

    /// A rollout as `ListServiceDeployments` shows it: without what only the describing call tells.
    pub(super) fn listed(&self, service: &Service, rollout: &Rollout) -> ServiceDeployment {
        let full = self.in_full(service, rollout);
        ServiceDeployment { triggered: None::<Trip>, rolled_back_to: None, stage: None, pauses: Vec::new(), ..full }
    }

    /// What a rollout brings, as `DescribeServiceRevisions` shows it.
    pub(super) fn revision(&self, service: &Service, rollout: &Rollout) -> ServiceRevision {
        let images = self.families.images(&rollout.task_definition);
        ServiceRevision {
            arn: self.revision_arn(&service.key, rollout),
            task_definition: rollout.task_definition.clone(),
            images: images.into_iter().map(|(container, digest)| (container, Some(digest))).collect(),
        }
    }

    /// The tasks of a service that are meant to run.
    pub(super) fn tasks(&self, service: &Service, now: Timestamp) -> Vec<ServiceTask> {
        let deployments = service.classic(now);
        deployments.iter().flat_map(|deployment| self.tasks_of(&service.key, deployment)).collect()
    }

    fn tasks_of(&self, key: &ServiceKey, deployment: &Deployment) -> Vec<ServiceTask> {
        let task = |number: u32| {
            let id = format!("{}/{}x{number:012}", key.cluster, deployment.id.digits());
            let is_running = number < deployment.running;
            ServiceTask {
                arn: format!("{}{id}", self.prefix("task")).parse().expect("an id makes a task's ARN"),
                started_by: Some(deployment.id.to_string()),
                task_definition: deployment.task_definition.clone(),
                last_status: if is_running { "RUNNING" } else { "PENDING" }.to_owned(),
                containers: self.containers(&deployment.task_definition, is_running),
            }
        };
        (0..deployment.running + deployment.pending).map(task).collect()
    }

    /// The tasks of a service that ended, the newest last.
    pub(super) fn stopped(&self, service: &Service, now: Timestamp) -> Vec<StoppedTask> {
        let of = |rollout: &Rollout| {
            let (id, definition) = (rollout.deployment_id(), rollout.task_definition.clone());
            let began = rollout.created_at;
            let ends = rollout.crashes(now).into_iter().enumerate();
            ends.map(move |(number, end)| self.crashed(&service.key, &id, definition.clone(), (number, began, end)))
                .collect::<Vec<_>>()
        };
        service.rollouts.iter().flat_map(of).collect()
    }

    fn crashed(
        &self,
        key: &ServiceKey,
        deployment: &DeploymentId,
        definition: TaskDefinitionArn,
        (number, began, ended): (usize, Timestamp, Timestamp),
    ) -> StoppedTask {
        let id = format!("{}/{}e{number:012}", key.cluster, deployment.digits());
        let container = |(name, _): (crate::identifier::ContainerName, _)| StoppedContainer {
            name: name.to_string(),
            exit_code: Some(1),
            reason: None,
            log: Vec::new(),
        };
        StoppedTask {
            arn: format!("{}{id}", self.prefix("task")).parse().expect("an id makes a task's ARN"),
            started_by: Some(deployment.to_string()),
            stop_code: Some("EssentialContainerExited".to_owned()),
            reason: Some("Essential container in task exited".to_owned()),
            started_at: Some(began),
            stopped_at: Some(ended),
            containers: self.families.images(&definition).into_iter().map(container).collect(),
            task_definition: definition,
        }
    }

    /// A task's containers; only those that run have pulled their image.
    fn containers(&self, task_definition: &TaskDefinitionArn, is_running: bool) -> Vec<TaskContainer> {
        let images = self.families.images(task_definition).into_iter();
        images
            .map(|(name, digest)| TaskContainer { name: name.to_string(), digest: is_running.then_some(digest) })
            .collect()
    }

    pub(super) fn deployment_arn(&self, key: &ServiceKey, rollout: &Rollout) -> ServiceDeploymentArn {
        let id = format!("{}{}/{}/sd_{}", self.prefix("service-deployment"), key.cluster, key.service, rollout.number);
        id.parse().expect("an id makes a service deployment's ARN")
    }

    pub(super) fn revision_arn(&self, key: &ServiceKey, rollout: &Rollout) -> ServiceRevisionArn {
        let id = format!("{}{}/{}/{}", self.prefix("service-revision"), key.cluster, key.service, rollout.digits());
        id.parse().expect("an id makes a service revision's ARN")
    }
}
