//! What other simulated services may see of ECS: tasks and rollouts as they are, without lag.
//!
//! Owned values, so that nobody holds on to the state.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    engine::Ecs,
    scheduler::target_port,
    world::{
        cluster::Cluster,
        service::Service,
        task::{Container, Task},
        task_definition::TaskDefinition,
    },
};
use crate::image::PulledImage;

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct TaskSeen {
    pub(crate) id: String,
    /// AWS's word.
    pub(crate) last_status: &'static str,
    pub(crate) private_ip: String,
    /// One for each load balancer of its revision.
    pub(crate) targets: Vec<TargetSeen>,
    /// The index of the container that decides what the task does.
    pub(crate) main: usize,
    pub(crate) containers: Vec<ContainerSeen>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) stopping: Option<Timestamp>,
    pub(crate) execution_stopped: Option<Timestamp>,
    /// Whether it was told to stop, rather than that it ended by itself.
    pub(crate) killed: bool,
}

/// Where a load balancer sends requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetSeen {
    /// The target group's ARN.
    pub(crate) group: String,
    pub(crate) port: i64,
}

/// A container.
#[derive(Debug, Clone)]
pub(crate) struct ContainerSeen {
    /// Its entry of `containerDefinitions`.
    pub(crate) definition: Value,
    /// The digest and the behaviour that it started with.
    pub(crate) pulled: Option<PulledImage>,
}

/// A service deployment.
#[derive(Debug, Clone)]
pub(crate) struct RolloutSeen {
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    /// The images of the target revision's containers, as written.
    pub(crate) images: Vec<String>,
}

impl Ecs {
    /// Every task that can still be described.
    pub(crate) fn tasks_seen(&self) -> Vec<TaskSeen> {
        let clusters = self.world.clusters.values();
        clusters.flat_map(|cluster| cluster.all_tasks().map(|task| self.task_seen(cluster, task))).collect()
    }

    /// Every service deployment that can still be described.
    pub(crate) fn rollouts_seen(&self) -> Vec<RolloutSeen> {
        let services = self.world.clusters.values().flat_map(|cluster| cluster.services.values());
        services.flat_map(|service| self.rollouts_of(service)).collect()
    }

    fn task_seen(&self, cluster: &Cluster, task: &Task) -> TaskSeen {
        let service = task.deployment.is_some().then(|| task.group.strip_prefix("service:")).flatten();
        let times = &task.times;
        TaskSeen {
            id: task.id.clone(),
            last_status: task.last_status.as_str(),
            private_ip: task.private_ip(),
            targets: service
                .and_then(|service| cluster.services.get(service))
                .map(|service| targets(service, task))
                .unwrap_or_default(),
            main: task.main,
            containers: self.containers_seen(task),
            started: times.started,
            stopping: times.stopping,
            execution_stopped: times.execution_stopped,
            killed: task.was_told_to_stop(),
        }
    }

    fn containers_seen(&self, task: &Task) -> Vec<ContainerSeen> {
        let definition = self.world.families.find(&task.task_definition);
        let definitions = definition.into_iter().flat_map(TaskDefinition::containers);
        let seen = |(definition, container): (&Value, &Container)| ContainerSeen {
            definition: definition.clone(),
            pulled: container.pulled.clone(),
        };
        definitions.zip(&task.containers).map(seen).collect()
    }

    fn rollouts_of(&self, service: &Service) -> Vec<RolloutSeen> {
        let images = |digits: &str| {
            let revision = service.revision(digits);
            let definition = revision.and_then(|revision| self.world.families.find(&revision.task_definition));
            let containers = definition.into_iter().flat_map(TaskDefinition::containers);
            containers.filter_map(|container| container["image"].as_str()).map(ToOwned::to_owned).collect()
        };
        let deployments = service.service_deployments.iter();
        let seen = deployments.map(|deployment| RolloutSeen {
            arn: deployment.arn.clone(),
            created: deployment.created_at,
            images: images(&deployment.target),
        });
        seen.collect()
    }
}

fn targets(service: &Service, task: &Task) -> Vec<TargetSeen> {
    let revision = task.deployment.as_deref().and_then(|digits| service.revision(digits));
    let balancers = revision.and_then(|revision| revision.document.get("loadBalancers")).and_then(Value::as_array);
    let alternate = revision.is_some_and(|revision| revision.alternate);
    let ports = balancers.into_iter().flatten().map(|balancer| target_port(balancer, alternate));
    ports.map(|target| TargetSeen { group: target.group, port: target.port }).collect()
}
