//! The task set of a service whose deployments somebody else makes.
//!
//! There is one at most: nobody can create or shift task sets here.

use serde_json::{Value, json};

use super::object;
use crate::ecs::world::{
    deployment::Deployment,
    service::{Controller, Service},
    time::epoch,
};

/// `taskSets`.
pub(super) fn task_sets(service: &Service) -> Value {
    service.deployments.iter().map(|deployment| task_set(service, deployment)).collect()
}

fn task_set(service: &Service, deployment: &Deployment) -> Value {
    let counts = service.counts(&deployment.digits);
    let copied = |name: &str| service.document.get(name).cloned();
    let is_stable = counts.pending == 0 && counts.running == service.desired;
    let started_by = (service.controller == Controller::CodeDeploy).then(|| json!("CODE_DEPLOY"));
    object([
        ("id", Some(deployment.id().into())),
        (
            "taskSetArn",
            Some(format!("{}/{}", service.arn.replacen(":service/", ":task-set/", 1), deployment.id()).into()),
        ),
        ("serviceArn", Some(service.arn.clone().into())),
        ("clusterArn", Some(service.cluster_arn.clone().into())),
        ("startedBy", started_by),
        ("status", Some(deployment.status.as_str().into())),
        ("taskDefinition", Some(deployment.task_definition.clone().into())),
        ("computedDesiredCount", Some(service.desired.into())),
        ("pendingCount", Some(counts.pending.into())),
        ("runningCount", Some(counts.running.into())),
        ("createdAt", Some(epoch(deployment.created_at))),
        ("updatedAt", Some(epoch(deployment.updated_at))),
        ("launchType", copied("launchType")),
        ("capacityProviderStrategy", copied("capacityProviderStrategy")),
        ("platformVersion", copied("platformVersion")),
        ("platformFamily", copied("platformFamily")),
        ("networkConfiguration", copied("networkConfiguration")),
        ("loadBalancers", Some(copied("loadBalancers").unwrap_or_else(|| json!([])))),
        ("serviceRegistries", Some(copied("serviceRegistries").unwrap_or_else(|| json!([])))),
        ("scale", Some(json!({"value": 100.0, "unit": "PERCENT"}))),
        ("stabilityStatus", Some(json!(if is_stable { "STEADY_STATE" } else { "STABILIZING" }))),
        ("stabilityStatusAt", Some(epoch(deployment.updated_at))),
        ("tags", Some(json!([]))),
    ])
}
