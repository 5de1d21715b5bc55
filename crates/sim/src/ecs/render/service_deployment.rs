//! Service deployments and service revisions as their Describe and List operations show them.

use serde_json::{Map, Value, json};

use super::{object, present, staging};
use crate::ecs::knobs::Knobs;
use crate::ecs::world::{
    configuration::{Breaker, with_defaults},
    deployment::{ResolvedImage, Revision},
    service::Service,
    service_deployment::{RevisionCounts, ServiceDeployment, Status},
    task_definition::{Families, TaskDefinition},
    time::epoch,
};

/// One entry of `ListServiceDeployments`.
pub(crate) fn brief(service: &Service, deployment: &ServiceDeployment) -> Value {
    Value::Object(common(service, deployment, &deployment.target).into_iter().collect())
}

/// One entry of `DescribeServiceDeployments`.
pub(crate) fn full(service: &Service, deployment: &ServiceDeployment, knobs: &Knobs) -> Value {
    let mut shown = common(service, deployment, &deployment.target);
    shown.shift_remove("targetServiceRevisionArn");
    let counts = deployment.frozen.clone().unwrap_or_else(|| service.counts(&deployment.target));
    shown.extend(present([
        ("stoppedAt", deployment.stopped_at.map(epoch)),
        ("updatedAt", Some(epoch(deployment.updated_at))),
        (
            "sourceServiceRevisions",
            Some(deployment.sources.iter().map(|counts| source(service, deployment, counts)).collect()),
        ),
        ("targetServiceRevision", Some(target(service, deployment, &counts))),
        ("lifecycleStage", deployment.staging.as_ref().map(|staging| staging::stage(staging, knobs).into())),
        ("lifecycleHookDetails", deployment.staging.as_ref().map(staging::hooks)),
        ("deploymentConfiguration", Some(with_defaults(deployment.configuration.clone()))),
        ("rollback", rollback(service, deployment)),
        ("deploymentCircuitBreaker", Some(breaker(service, deployment, knobs))),
        ("alarms", Some(alarms(deployment))),
    ]));
    Value::Object(shown)
}

/// One entry of `DescribeServiceRevisions`.
pub(crate) fn revision(families: &Families, service: &Service, revision: &Revision) -> Value {
    let copied = |name: &str| revision.document.get(name).or_else(|| service.document.get(name)).cloned();
    let given = |name: &str| revision.document.get(name).cloned();
    object([
        ("serviceRevisionArn", Some(revision.arn.clone().into())),
        ("serviceArn", Some(service.arn.clone().into())),
        ("clusterArn", Some(service.cluster_arn.clone().into())),
        ("taskDefinition", Some(revision.task_definition.clone().into())),
        ("capacityProviderStrategy", copied("capacityProviderStrategy")),
        ("launchType", copied("launchType")),
        ("platformVersion", copied("platformVersion")),
        ("platformFamily", copied("platformFamily")),
        ("loadBalancers", given("loadBalancers")),
        ("serviceRegistries", given("serviceRegistries")),
        ("networkConfiguration", given("networkConfiguration")),
        ("containerImages", Some(images(families, revision))),
        ("guardDutyEnabled", Some(false.into())),
        ("serviceConnectConfiguration", given("serviceConnectConfiguration")),
        ("volumeConfigurations", given("volumeConfigurations")),
        ("createdAt", Some(epoch(revision.created_at))),
        ("vpcLatticeConfigurations", given("vpcLatticeConfigurations")),
    ])
}

fn common(service: &Service, deployment: &ServiceDeployment, target: &str) -> Map<String, Value> {
    present([
        ("serviceDeploymentArn", Some(deployment.arn.clone().into())),
        ("serviceArn", Some(service.arn.clone().into())),
        ("clusterArn", Some(service.cluster_arn.clone().into())),
        ("startedAt", deployment.started_at.map(epoch)),
        ("createdAt", Some(epoch(deployment.created_at))),
        ("finishedAt", deployment.finished_at.map(epoch)),
        ("targetServiceRevisionArn", Some(revision_arn(service, target))),
        ("status", Some(deployment.status.as_str().into())),
        ("statusReason", deployment.status_reason.clone().map(Value::from)),
    ])
}

fn revision_arn(service: &Service, digits: &str) -> Value {
    service.revision(digits).map(|revision| revision.arn.clone()).into()
}

fn summary(service: &Service, counts: &RevisionCounts) -> Value {
    json!({
        "arn": revision_arn(service, &counts.digits),
        "requestedTaskCount": counts.requested,
        "runningTaskCount": counts.running,
        "pendingTaskCount": counts.pending,
    })
}

fn target(service: &Service, deployment: &ServiceDeployment, counts: &RevisionCounts) -> Value {
    let summary = summary(service, counts);
    match &deployment.staging {
        Some(staging) => staging::weighted(summary, staging.production, staging.test),
        None => summary,
    }
}

fn source(service: &Service, deployment: &ServiceDeployment, counts: &RevisionCounts) -> Value {
    let summary = summary(service, counts);
    match &deployment.staging {
        Some(staging) if staging.blue == counts.digits => {
            staging::weighted(summary, 100.0 - staging.production, 100.0 - staging.test)
        }
        Some(_) => staging::weighted(summary, 0.0, 0.0),
        None => summary,
    }
}

fn rollback(service: &Service, deployment: &ServiceDeployment) -> Option<Value> {
    let rollback = deployment.rollback.as_ref()?;
    Some(json!({
        "reason": rollback.reason,
        "startedAt": epoch(rollback.started_at),
        "serviceRevisionArn": revision_arn(service, &rollback.to),
    }))
}

fn breaker(service: &Service, deployment: &ServiceDeployment, knobs: &Knobs) -> Value {
    let breaker: Breaker = service.settings().breaker;
    let status = match deployment.status {
        _ if deployment.tripped => "TRIGGERED",
        _ if !breaker.enabled => "DISABLED",
        Status::Pending | Status::InProgress => "MONITORING",
        _ => "MONITORING_COMPLETE",
    };
    json!({"status": status, "failureCount": deployment.failures, "threshold": breaker.threshold.at(service.desired, knobs.breaker_bounds())})
}

/// *Guess*: alarms that are not watched because one rang at the beginning are shown as disabled.
fn alarms(deployment: &ServiceDeployment) -> Value {
    let Some(watch) = deployment.alarms.as_ref() else {
        return json!({"status": "DISABLED"});
    };
    let status = match deployment.status {
        _ if !watch.triggered.is_empty() => "TRIGGERED",
        _ if !watch.monitored => "DISABLED",
        Status::Pending | Status::InProgress => "MONITORING",
        _ => "MONITORING_COMPLETE",
    };
    json!({"status": status, "alarmNames": watch.names, "triggeredAlarmNames": watch.triggered})
}

/// Without digests as long as no task has established them.
fn images(families: &Families, revision: &Revision) -> Value {
    let definition = families.find(&revision.task_definition).filter(|_| revision.images.is_empty());
    let written = definition.into_iter().flat_map(TaskDefinition::containers);
    let unresolved = written.map(|container| json!({"containerName": container["name"], "image": container["image"]}));
    revision.images.iter().map(image).chain(unresolved).collect()
}

fn image(image: &ResolvedImage) -> Value {
    json!({"containerName": image.container, "imageDigest": image.pulled.digest, "image": image.image})
}
