//! A task as `DescribeTasks` shows it.

use serde_json::{Map, Value, json};

use super::{network, object, present};
use crate::ecs::world::{
    task::{Container, Fitness, Task, TaskStatus},
    time::epoch,
};

/// One entry of `tasks[]`, without tags.
pub(crate) fn task(task: &Task) -> Map<String, Value> {
    let times = &task.times;
    present([
        ("attachments", Some(network::attachments(task))),
        ("attributes", Some(json!([{"name": "ecs.cpu-architecture", "value": "x86_64"}]))),
        ("clusterArn", Some(task.cluster_arn.clone().into())),
        ("containers", Some(task.containers.iter().map(|item| container(task, item)).collect())),
        ("cpu", task.cpu.clone().map(Value::from)),
        ("createdAt", Some(epoch(times.created))),
        ("desiredStatus", Some(desired_status(task).into())),
        ("enableExecuteCommand", Some(false.into())),
        ("executionStoppedAt", times.execution_stopped.map(epoch)),
        ("group", Some(task.group.clone().into())),
        ("healthStatus", Some(health(task, task.watch.container.is_some()).into())),
        ("inferenceAccelerators", Some(json!([]))),
        ("lastStatus", Some(task.last_status.as_str().into())),
        ("launchType", Some(task.launch_type.clone().into())),
        ("memory", task.memory.clone().map(Value::from)),
        ("overrides", Some(task.overrides.clone())),
        ("pullStartedAt", times.pull_started.map(epoch)),
        ("pullStoppedAt", times.pull_stopped.map(epoch)),
        ("startedAt", times.started.map(epoch)),
        ("startedBy", task.started_by.clone().map(Value::from)),
        ("stopCode", task.stop.as_ref().map(|stop| stop.code.as_str().into())),
        ("stoppedAt", times.stopped.map(epoch)),
        ("stoppedReason", task.stop.as_ref().map(|stop| stop.reason.clone().into())),
        ("stoppingAt", times.stopping.map(epoch)),
        ("tags", Some(json!([]))),
        ("taskArn", Some(task.arn.clone().into())),
        ("taskDefinitionArn", Some(task.task_definition.clone().into())),
        ("version", Some(task.version.into())),
    ])
}

/// `desiredStatus`.
pub(crate) fn desired_status(task: &Task) -> &'static str {
    if task.stopping { "STOPPED" } else { "RUNNING" }
}

fn container(task: &Task, container: &Container) -> Value {
    object([
        (
            "containerArn",
            Some(format!("{}/{}", task.arn.replacen(":task/", ":container/", 1), container.runtime_id).into()),
        ),
        ("taskArn", Some(task.arn.clone().into())),
        ("name", Some(container.name.clone().into())),
        ("image", Some(container.image.clone().into())),
        ("imageDigest", container.pulled.as_ref().map(|pulled| pulled.digest.clone().into())),
        ("runtimeId", task.times.started.map(|_| container.runtime_id.clone().into())),
        ("lastStatus", Some(container_status(task).into())),
        ("exitCode", container.exit_code.map(Value::from)),
        ("reason", container.reason.clone().map(Value::from)),
        ("networkBindings", Some(json!([]))),
        ("networkInterfaces", Some(network::interfaces(task))),
        ("healthStatus", Some(health(task, container.has_health_check).into())),
    ])
}

/// A container knows three states only.
fn container_status(task: &Task) -> &'static str {
    match task.last_status {
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => "PENDING",
        TaskStatus::Running | TaskStatus::Deactivating | TaskStatus::Stopping => "RUNNING",
        TaskStatus::Deprovisioning | TaskStatus::Stopped => "STOPPED",
    }
}

/// Only a container health check makes a health status; a load balancer's opinion is not shown here.
fn health(task: &Task, has_check: bool) -> &'static str {
    match task.fitness {
        _ if !has_check || task.times.started.is_none() => "UNKNOWN",
        Fitness::Settling => "UNKNOWN",
        Fitness::Healthy => "HEALTHY",
        Fitness::Unhealthy => "UNHEALTHY",
    }
}
