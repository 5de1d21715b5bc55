//! Tasks: list, describe, stop.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{check_size, invalid, missing, service_not_found},
    find::{self, cluster_name, short},
    input::Input,
    paging::page,
    tags,
};
use crate::{
    ecs::{
        render,
        scheduler::{loss, task_life},
        world::{
            Scope, World,
            task::{Stop, StopCode, Task},
        },
    },
    fault::AwsError,
};

/// `ListTasks`: RUNNING ones unless asked otherwise.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let cluster = find::cluster(world, input)?;
    let filters = ["family", "serviceName", "containerInstance", "launchType", "desiredStatus"];
    if input.text("startedBy").is_some() && filters.iter().any(|name| input.get(name).is_some()) {
        return Err(invalid("startedBy must be the only filter."));
    }
    if let Some(name) = input.text("serviceName")
        && !cluster.services.contains_key(short(name))
    {
        return Err(service_not_found());
    }
    let tasks = cluster.all_tasks().filter(|task| is_wanted(task, input));
    let arns: Vec<Value> = tasks.map(|task| task.arn.clone().into()).collect();
    page("taskArns", &arns, input, 100)
}

fn is_wanted(task: &Task, input: &Input) -> bool {
    let is = |name: &str, value: &str| input.text(name).is_none_or(|wanted| wanted == value);
    let group = |name: &str| task.group == format!("service:{}", short(name));
    render::task::desired_status(task) == input.text("desiredStatus").unwrap_or("RUNNING")
        && is("family", &task.family)
        && is("launchType", &task.launch_type)
        && input.text("startedBy").is_none_or(|wanted| task.started_by.as_deref() == Some(wanted))
        && input.text("serviceName").is_none_or(group)
        && input.text("containerInstance").is_none()
}

/// `DescribeTasks`: an unknown task is a failure, not an error.
pub(super) fn describe(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    check_size("Tasks", input.items("tasks"), 100)?;
    let cluster = find::cluster(world, input)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for reference in input.texts("tasks") {
        match cluster.all_tasks().find(|task| task.id == short(reference)) {
            Some(task) => found.push(shown(world, task, input.wants_tags())),
            None => failures.push(missing(&world.arn(&format!("task/{}/{}", cluster.name, short(reference))))),
        }
    }
    Ok(json!({"tasks": found, "failures": failures}))
}

/// `StopTask`: a service replaces what it lost.
pub(super) fn stop(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    find::cluster(world, input)?;
    let reason = input.text("reason").unwrap_or("Task stopped by user").to_owned();
    let stop = |scope: &Scope<'_>, task: &mut Task| {
        task_life::stop(task, now, scope.knobs, Stop { code: StopCode::UserInitiated, reason });
        true
    };
    end(world, cluster_name(input), input.text("task").unwrap_or_default(), now, stop)
}

/// Not an operation of AWS: AWS takes a task away.
///
/// # Errors
/// When there is no such task, or no such reason.
pub(crate) fn lose_task(world: &mut World, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let text = |name: &str| input[name].as_str().unwrap_or_default();
    end(world, short(text("cluster")), text("task"), now, |scope, task| loss::lose(scope, task, text("stopCode")))
}

/// Ends a task in the way that `act` knows, and lets its service look at what it lost.
fn end(
    world: &mut World,
    cluster: &str,
    task: &str,
    now: Timestamp,
    act: impl FnOnce(&Scope<'_>, &mut Task) -> bool,
) -> Result<Value, AwsError> {
    let not_found = || invalid("The referenced task was not found.");
    let id = short(task);
    let (clusters, scope) = world.split(now);
    let entry = clusters.get_mut(cluster).ok_or_else(not_found)?;
    let task = entry.all_tasks_mut().find(|task| task.id == id).ok_or_else(not_found)?;
    if !act(&scope, task) {
        return Err(invalid("stopCode must be SpotInterruption, TerminationNotice or InfrastructureHealth."));
    }
    let service = task.group.strip_prefix("service:").map(ToOwned::to_owned);
    if let Some(service) = service.and_then(|service| entry.services.get_mut(&service)) {
        service.look_at = Some(now);
    }
    let ended = world.clusters.get(cluster).and_then(|cluster| cluster.all_tasks().find(|task| task.id == id));
    Ok(json!({"task": shown(world, ended.ok_or_else(not_found)?, false)}))
}

/// A task as the answers show it.
pub(super) fn shown(world: &World, task: &Task, with_tags: bool) -> Value {
    let mut shown = render::task::task(task);
    if with_tags {
        shown.insert("tags".to_owned(), tags::shown(world, &task.arn));
    }
    Value::Object(shown)
}
