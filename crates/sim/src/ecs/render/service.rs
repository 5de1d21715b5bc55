//! A service as `DescribeServices` shows it: the classic deployment model.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{deployment::deployment, present, task_set::task_sets};
use crate::ecs::{
    knobs::Knobs,
    world::{
        configuration::with_defaults,
        deployment::{Deployment, DeploymentStatus},
        service::{Controller, Service, count},
        time::epoch,
    },
};

/// One entry of `services[]`, without tags.
pub(crate) fn service(service: &Service, knobs: &Knobs, now: Timestamp) -> Map<String, Value> {
    let running = count(service.tasks.iter().filter(|task| task.is_running()));
    let pending = count(service.tasks.iter().filter(|task| task.is_pending()));
    let mut shown = present([
        ("serviceArn", Some(service.arn.clone().into())),
        ("serviceName", Some(service.name.clone().into())),
        ("clusterArn", Some(service.cluster_arn.clone().into())),
        ("loadBalancers", Some(json!([]))),
        ("serviceRegistries", Some(json!([]))),
        ("status", Some(service.status.as_str().into())),
        ("desiredCount", Some(service.desired.into())),
        ("runningCount", Some(running.into())),
        ("pendingCount", Some(pending.into())),
        ("taskDefinition", Some(service.task_definition.clone().into())),
        ("deploymentConfiguration", Some(with_defaults(service.configuration.clone()))),
        ("deployments", Some(service.deployments.iter().map(|item| deployment(service, item, knobs, now)).collect())),
        ("events", Some(events(service))),
        ("createdAt", Some(epoch(service.created_at))),
        ("currentServiceDeployment", service.current.clone().map(Value::from)),
        ("currentServiceRevisions", Some(current_revisions(service))),
        ("placementConstraints", Some(json!([]))),
        ("placementStrategy", Some(json!([]))),
        ("schedulingStrategy", Some("REPLICA".into())),
        ("deploymentController", Some(json!({"type": service.controller.as_str()}))),
        ("createdBy", Some(creator(service).into())),
        ("enableECSManagedTags", Some(false.into())),
        ("propagateTags", Some("NONE".into())),
        ("enableExecuteCommand", Some(false.into())),
        ("availabilityZoneRebalancing", Some("ENABLED".into())),
        ("resourceManagementType", Some("CUSTOMER".into())),
    ]);
    let hidden = ["serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations"];
    let given = service.document.iter().filter(|(name, _)| !hidden.contains(&name.as_str()));
    shown.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    if service.controller != Controller::Ecs {
        shown.insert("taskSets".to_owned(), task_sets(service));
        shown.insert("deployments".to_owned(), json!([]));
        shown.shift_remove("currentServiceRevisions");
    }
    shown
}

fn events(service: &Service) -> Value {
    let event = |event: &crate::ecs::world::event::Event| json!({"id": event.id, "createdAt": epoch(event.at), "message": event.message});
    service.events.iter().map(event).collect()
}

fn current_revisions(service: &Service) -> Value {
    let shown = service.deployments.iter().filter(|deployment| deployment.status != DeploymentStatus::Inactive);
    let summary = |deployment: &Deployment| {
        let counts = service.counts(&deployment.digits);
        json!({
            "arn": service.revision(&deployment.digits).map(|revision| revision.arn.as_str()),
            "requestedTaskCount": counts.requested,
            "runningTaskCount": counts.running,
            "pendingTaskCount": counts.pending,
        })
    };
    shown.map(summary).collect()
}

fn creator(service: &Service) -> String {
    format!("arn:aws:iam::{}:root", service.arn.split(':').nth(4).unwrap_or_default())
}
