//! `RunTask`: one-off tasks, which nobody replaces.
//!
//! There are no container instances; capacity lacks only where the knobs say so.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{cluster_not_found, invalid},
    find,
    input::Input,
    service_checks::{active_definition, check_network, enforced},
    tags, tasks,
};
use crate::{
    ecs::{
        scheduler::{
            capacity,
            launch::{Purpose, launch, subnet},
        },
        world::{
            World,
            cluster::RememberedRun,
            task_definition::{Families, TaskDefinition},
        },
    },
    fault::AwsError,
};

/// `RunTask`: the same client token gives the same tasks.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let cluster = find::checked_cluster_name(world, input)?;
    if let Some(arns) = remembered(world, &cluster, input)? {
        return Ok(answer(world, &cluster, &arns, &[]));
    }
    let number @ 1..=10 = input.number("count").unwrap_or(1) else {
        return Err(invalid("Tasks count must be between 1 and 10."));
    };
    let tags = checked_tags(world, input, now)?;
    let (clusters, mut scope) = world.split(now);
    let definition = runnable_definition(scope.families, input, enforced(scope.knobs, now))?;
    check(input, definition)?;
    let cluster_arn = clusters.get(&cluster).map(|cluster| cluster.arn.clone()).ok_or_else(cluster_not_found)?;
    let purpose = purpose(input, definition, &cluster, cluster_arn);
    let (placed, failure) = capacity::one_off(scope.knobs, number);
    let new: Vec<_> = (0..placed).map(|_| launch(&mut scope, definition, &purpose)).collect();
    let arns: Vec<String> = new.iter().map(|task| task.arn.clone()).collect();
    let entry = clusters.get_mut(&cluster).ok_or_else(cluster_not_found)?;
    entry.tasks.extend(new);
    if let Some(token) = input.text("clientToken") {
        entry
            .client_tokens
            .insert(token.to_owned(), RememberedRun { input: Value::Object(input.0.clone()), task_arns: arns.clone() });
    }
    for arn in &arns {
        tags::store(world, arn, tags.clone());
    }
    let failures: Vec<Value> = (placed..number).filter_map(|_| failure).map(failed).collect();
    Ok(answer(world, &cluster, &arns, &failures))
}

/// The definition to run. Unlike a service's, an inactive one is refused as an invalid parameter.
fn runnable_definition<'a>(
    families: &'a Families,
    input: &Input,
    enforced: Timestamp,
) -> Result<&'a TaskDefinition, AwsError> {
    let reference = input.text("taskDefinition").unwrap_or_default();
    active_definition(families, reference, enforced).map_err(|error| match error.message.as_str() {
        "TaskDefinition is inactive" => invalid(error.message),
        _ => error,
    })
}

/// A task that could not be placed, as AWS answers it: with HTTP 200.
fn failed(reason: &str) -> Value {
    json!({"reason": reason})
}

fn remembered(world: &World, cluster: &str, input: &Input) -> Result<Option<Vec<String>>, AwsError> {
    let tokens = world.clusters.get(cluster).map(|cluster| &cluster.client_tokens);
    let Some(run) = tokens.zip(input.text("clientToken")).and_then(|(tokens, token)| tokens.get(token)) else {
        return Ok(None);
    };
    // A token lives as long as its tasks can be described.
    let tasks = world.clusters.get(cluster).into_iter().flat_map(|cluster| &cluster.tasks);
    if !tasks.into_iter().any(|task| run.task_arns.contains(&task.arn)) {
        return Ok(None);
    }
    if run.input == Value::Object(input.0.clone()) {
        return Ok(Some(run.task_arns.clone()));
    }
    Err(AwsError::client("ConflictException", "The client token was used with other parameters."))
}

fn check(input: &Input, definition: &TaskDefinition) -> Result<(), AwsError> {
    check_network(definition, input.get("networkConfiguration"))?;
    if input.get("launchType").is_some() && !input.items("capacityProviderStrategy").is_empty() {
        return Err(invalid("Specifying both a launch type and capacity provider strategy is not supported."));
    }
    let overrides = input.get("overrides").unwrap_or(&Value::Null);
    if overrides.to_string().len() > 8192 {
        return Err(invalid("Overrides can have at most 8192 characters."));
    }
    for item in overrides["containerOverrides"].as_array().into_iter().flatten() {
        let name = item["name"].as_str().unwrap_or_default();
        if definition.containers().all(|container| container["name"] != name) {
            return Err(invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        }
    }
    Ok(())
}

/// The tags of the request, and those of the task definition if they are to be propagated.
fn checked_tags(world: &World, input: &Input, now: Timestamp) -> Result<tags::Tags, AwsError> {
    let given = tags::read(input)?;
    match input.text("propagateTags") {
        Some("SERVICE") => Err(invalid("propagateTags SERVICE is not valid for a task without a service.")),
        Some("TASK_DEFINITION") => {
            let definition = runnable_definition(&world.families, input, enforced(&world.knobs, now))?;
            let mut tags = world.tags.get(&definition.arn).cloned().unwrap_or_default();
            tags.extend(given);
            Ok(tags)
        }
        _ => Ok(given),
    }
}

fn purpose(input: &Input, definition: &TaskDefinition, cluster: &str, cluster_arn: String) -> Purpose {
    Purpose {
        cluster: cluster.to_owned(),
        cluster_arn,
        deployment: None,
        group: input.text("group").map_or_else(|| format!("family:{}", definition.family), ToOwned::to_owned),
        started_by: input.text("startedBy").map(ToOwned::to_owned),
        launch_type: input.text("launchType").unwrap_or("EC2").to_owned(),
        overrides: input.get("overrides").cloned().unwrap_or_default(),
        subnet: subnet(input.get("networkConfiguration")),
        target: None,
        grace: 0.0,
    }
}

fn answer(world: &World, cluster: &str, arns: &[String], failures: &[Value]) -> Value {
    let known = world.clusters.get(cluster).into_iter().flat_map(|cluster| &cluster.tasks);
    let shown: Vec<Value> =
        known.filter(|task| arns.contains(&task.arn)).map(|task| tasks::shown(world, task, true)).collect();
    json!({"tasks": shown, "failures": failures})
}
