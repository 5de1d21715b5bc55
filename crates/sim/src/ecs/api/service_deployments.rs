//! Service deployments and revisions: list, describe, stop.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::{check_size, invalid, missing},
    find,
    input::Input,
    paging::page,
};
use crate::{
    ecs::{
        knobs::OtherControllers,
        render::service_deployment,
        world::{
            World,
            deployment::Revision,
            service::{Controller, Service},
            service_deployment::{ServiceDeployment, Status},
            time::{after, epoch_seconds},
        },
    },
    fault::AwsError,
};

/// `ListServiceDeployments`, newest first.
pub(super) fn list(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    let service = find::service(world, input)?;
    if service.controller != Controller::Ecs && world.knobs.other_controllers == OtherControllers::Unsupported {
        return Err(AwsError::client(
            "UnsupportedFeatureException",
            "Service deployments are only available with the ECS deployment controller.",
        ));
    }
    let wanted = service.service_deployments.iter().rev().filter(|deployment| is_wanted(deployment, input));
    let items: Vec<Value> = wanted.map(|deployment| service_deployment::brief(service, deployment)).collect();
    page("serviceDeployments", &items, input, 20)
}

fn is_wanted(deployment: &ServiceDeployment, input: &Input) -> bool {
    let created = epoch_seconds(deployment.created_at);
    let bound = |name: &str| input.get("createdAt").and_then(|range| range[name].as_f64());
    let status =
        input.items("status").is_empty() || input.texts("status").any(|status| status == deployment.status.as_str());
    status
        && bound("after").is_none_or(|after| created > after)
        && bound("before").is_none_or(|before| created < before)
}

/// `DescribeServiceDeployments`.
pub(super) fn describe(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    check_size("serviceDeploymentArns", input.items("serviceDeploymentArns"), 20)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in input.texts("serviceDeploymentArns") {
        match find::service_deployment(world, arn) {
            Some((service, deployment)) => {
                found.push(service_deployment::full(service, deployment, &world.knobs));
            }
            None => failures.push(missing(arn)),
        }
    }
    Ok(json!({"serviceDeployments": found, "failures": failures}))
}

/// `DescribeServiceRevisions`.
pub(super) fn describe_revisions(world: &World, input: &Input, _: Timestamp) -> Result<Value, AwsError> {
    check_size("serviceRevisionArns", input.items("serviceRevisionArns"), 20)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in input.texts("serviceRevisionArns") {
        match revision(world, arn) {
            Some((service, revision)) => {
                found.push(service_deployment::revision(&world.families, service, revision));
            }
            None => failures.push(missing(arn)),
        }
    }
    Ok(json!({"serviceRevisions": found, "failures": failures}))
}

fn revision<'a>(world: &'a World, arn: &str) -> Option<(&'a Service, &'a Revision)> {
    let (_, path) = arn.split_once(":service-revision/")?;
    let service = find::by_path(world, path)?;
    Some((service, service.revisions.iter().find(|revision| revision.arn == arn)?))
}

/// `StopServiceDeployment`: asks for a rollback; asking again while it goes on changes nothing.
pub(super) fn stop(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    if input.text("stopType").is_some_and(|kind| kind != "ROLLBACK") {
        return Err(invalid("The only valid stop type is ROLLBACK."));
    }
    let arn = input.text("serviceDeploymentArn").unwrap_or_default();
    let not_found = || AwsError::client("ServiceDeploymentNotFoundException", "Service deployment not found.");
    let due = after(now, world.knobs.stop_request);
    let service = find::service_of_deployment_mut(world, arn).ok_or_else(not_found)?;
    let deployment =
        service.service_deployments.iter_mut().find(|deployment| deployment.arn == arn).ok_or_else(not_found)?;
    match deployment.status {
        Status::Pending | Status::InProgress => {
            deployment.enter(Status::RollbackRequested, now);
            deployment.due = Some(due);
        }
        Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => {}
        Status::Successful | Status::Stopped | Status::RollbackSuccessful | Status::RollbackFailed => {
            return Err(AwsError::client(
                "ConflictException",
                format!("The service deployment is already {}.", deployment.status.as_str()),
            ));
        }
    }
    Ok(json!({"serviceDeploymentArn": arn}))
}
