//! One entry of `deployments[]`: the classic deployment model.
//!
//! What was seen in different ways at different times is shown as the knobs say.

use jiff::Timestamp;
use serde_json::Value;

use super::object;
use crate::ecs::{
    knobs::{GivenUpStatus, Knobs, PrimaryDesired},
    world::{
        deployment::{Deployment, DeploymentStatus, Rollout},
        service::Service,
        time::{after, epoch},
    },
};

/// A deployment as it is shown at `now`.
pub(super) fn deployment(service: &Service, deployment: &Deployment, knobs: &Knobs, now: Timestamp) -> Value {
    let counts = service.counts(&deployment.digits);
    let document = service.revision(&deployment.digits).map_or(&service.document, |revision| &revision.document);
    let copied = |name: &str| document.get(name).or_else(|| service.document.get(name)).cloned();
    let (rollout, reason) = rollout(deployment, knobs, now);
    object([
        ("id", Some(deployment.id().into())),
        ("status", Some(status(deployment, knobs).into())),
        ("taskDefinition", Some(deployment.task_definition.clone().into())),
        ("desiredCount", Some(desired(deployment, knobs, counts.running + counts.pending).into())),
        ("pendingCount", Some(counts.pending.into())),
        ("runningCount", Some(counts.running.into())),
        ("failedTasks", Some(deployment.failed_tasks.into())),
        ("createdAt", Some(epoch(deployment.created_at))),
        ("updatedAt", Some(epoch(deployment.updated_at))),
        ("launchType", copied("launchType")),
        ("capacityProviderStrategy", copied("capacityProviderStrategy")),
        ("platformVersion", copied("platformVersion")),
        ("platformFamily", copied("platformFamily")),
        ("networkConfiguration", copied("networkConfiguration")),
        ("rolloutState", Some(rollout.as_str().into())),
        ("rolloutStateReason", Some(reason.into())),
        ("serviceConnectConfiguration", copied("serviceConnectConfiguration")),
        ("volumeConfigurations", copied("volumeConfigurations")),
        ("vpcLatticeConfigurations", copied("vpcLatticeConfigurations")),
    ])
}

fn status(deployment: &Deployment, knobs: &Knobs) -> &'static str {
    let is_given_up = deployment.status == DeploymentStatus::Active && deployment.rollout == Rollout::Failed;
    match knobs.given_up_status {
        GivenUpStatus::Draining if is_given_up => "DRAINING",
        GivenUpStatus::Draining | GivenUpStatus::Active => deployment.status.as_str(),
    }
}

/// A deployment that was just given up can still read as in progress.
fn rollout(deployment: &Deployment, knobs: &Knobs, now: Timestamp) -> (Rollout, String) {
    let is_recent = deployment.given_up_at.is_some_and(|at| at <= now && after(at, knobs.given_up_shown_after) > now);
    if is_recent && deployment.rollout == Rollout::Failed {
        return (Rollout::InProgress, format!("ECS deployment {} in progress.", deployment.id()));
    }
    (deployment.rollout, deployment.reason.clone())
}

fn desired(deployment: &Deployment, knobs: &Knobs, live: u32) -> u32 {
    match knobs.primary_desired {
        PrimaryDesired::Stepped if deployment.rollout == Rollout::InProgress => deployment.desired.min(live),
        PrimaryDesired::Stepped | PrimaryDesired::Whole => deployment.desired,
    }
}
