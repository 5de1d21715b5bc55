//! `CreateService`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    errors::invalid,
    find,
    input::Input,
    service_checks::{active_definition, check_configuration, check_load_balancers, check_network, count, enforced},
    services, tags,
};
use crate::{
    ecs::{
        scheduler::rollout,
        world::{
            World,
            event::Events,
            service::{Controller, Service, ServiceStatus},
        },
    },
    fault::AwsError,
};

/// The members of a request that are not shown as they were given.
const NOT_SHOWN: [&str; 9] = [
    "cluster",
    "serviceName",
    "taskDefinition",
    "desiredCount",
    "deploymentConfiguration",
    "deploymentController",
    "tags",
    "clientToken",
    "role",
];

/// `CreateService`.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let (cluster, name) = new_service(world, input, now)?;
    let service = world.clusters.get(&cluster).and_then(|cluster| cluster.services.get(&name));
    Ok(json!({"service": service.map(|service| services::shown(world, service, true, now))}))
}

/// Creates a service and begins its first deployment: its cluster's name and its own.
pub(crate) fn new_service(world: &mut World, input: &Input, now: Timestamp) -> Result<(String, String), AwsError> {
    let cluster = find::checked_cluster_name(world, input)?;
    let name = checked_name(input)?;
    if is_repeated(world, &cluster, &name, input)? {
        return Ok((cluster, name));
    }
    let service = draft(world, input, &cluster, &name, now)?;
    let given = tags::read(input)?;
    let arn = service.arn.clone();
    insert(world, service, now);
    tags::store(world, &arn, given);
    Ok((cluster, name))
}

fn checked_name(input: &Input) -> Result<String, AwsError> {
    let name = input.text("serviceName").unwrap_or_default();
    if name.is_empty()
        || name.len() > 255
        || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    {
        return Err(invalid("Invalid service name."));
    }
    Ok(name.to_owned())
}

/// Whether the same request made this service before; refuses another one of the same name.
fn is_repeated(world: &World, cluster: &str, name: &str, input: &Input) -> Result<bool, AwsError> {
    let Some(existing) = world.clusters.get(cluster).and_then(|cluster| cluster.services.get(name)) else {
        return Ok(false);
    };
    match existing.status {
        ServiceStatus::Active if existing.created_from == Value::Object(input.0.clone()) => Ok(true),
        ServiceStatus::Active => Err(invalid("Creation of service was not idempotent.")),
        ServiceStatus::Draining => Err(invalid("Unable to Start a service that is still Draining.")),
        ServiceStatus::Inactive => Ok(false),
    }
}

fn draft(world: &World, input: &Input, cluster: &str, name: &str, now: Timestamp) -> Result<Service, AwsError> {
    let controller = controller(input);
    let configuration = input.get("deploymentConfiguration").cloned().unwrap_or_else(|| json!({}));
    check_configuration(&configuration)?;
    let task_definition = checked_definition(world, input, controller, now)?;
    let is_daemon = input.text("schedulingStrategy") == Some("DAEMON");
    Ok(Service {
        name: name.to_owned(),
        arn: world.arn(&format!("service/{cluster}/{name}")),
        cluster: cluster.to_owned(),
        cluster_arn: world.arn(&format!("cluster/{cluster}")),
        status: ServiceStatus::Active,
        controller,
        created_at: now,
        created_from: Value::Object(input.0.clone()),
        document: document(input),
        configuration,
        desired: if is_daemon { 0 } else { count("desiredCount", input.number("desiredCount").unwrap_or(0))? },
        task_definition,
        deployments: Vec::new(),
        revisions: Vec::new(),
        service_deployments: Vec::new(),
        current: None,
        candidate: None,
        tasks: Vec::new(),
        events: Events::default(),
        steady: false,
        look_at: None,
        inactive_since: None,
    })
}

fn controller(input: &Input) -> Controller {
    match input.get("deploymentController").and_then(|controller| controller["type"].as_str()) {
        Some("CODE_DEPLOY") => Controller::CodeDeploy,
        Some("EXTERNAL") => Controller::External,
        _ => Controller::Ecs,
    }
}

/// The ARN of the task definition; only an EXTERNAL service may do without.
fn checked_definition(
    world: &World,
    input: &Input,
    controller: Controller,
    now: Timestamp,
) -> Result<String, AwsError> {
    let Some(reference) = input.text("taskDefinition") else {
        return if controller == Controller::External {
            Ok(String::new())
        } else {
            Err(invalid("TaskDefinition can not be blank."))
        };
    };
    let definition = active_definition(&world.families, reference, enforced(&world.knobs, now))?;
    check_network(definition, input.get("networkConfiguration"))?;
    check_load_balancers(definition, input.get("loadBalancers"))?;
    Ok(definition.arn.clone())
}

fn document(input: &Input) -> Map<String, Value> {
    let shown = input.0.iter().filter(|(name, _)| !NOT_SHOWN.contains(&name.as_str()));
    let mut document: Map<String, Value> = shown.map(|(name, value)| (name.clone(), value.clone())).collect();
    if input.items("capacityProviderStrategy").is_empty() {
        document.entry("launchType").or_insert_with(|| json!("EC2"));
    }
    if document.get("launchType").is_some_and(|kind| kind == "FARGATE") {
        document.entry("platformVersion").or_insert_with(|| json!("LATEST"));
        document.insert("platformFamily".to_owned(), json!("Linux"));
    }
    if let Some(role) = input.get("role") {
        document.insert("roleArn".to_owned(), role.clone());
    }
    document
}

fn insert(world: &mut World, mut service: Service, now: Timestamp) {
    let (clusters, mut scope) = world.split(now);
    if service.controller == Controller::Ecs {
        rollout::begin(&mut scope, &mut service);
        service.current = service.service_deployments.last().map(|deployment| deployment.arn.clone());
    } else if !service.task_definition.is_empty() {
        rollout::begin_task_set(&mut scope, &mut service);
    }
    let Some(cluster) = clusters.get_mut(&service.cluster) else {
        return;
    };
    if let Some(old) = cluster.services.insert(service.name.clone(), service) {
        cluster.tasks.extend(old.tasks);
    }
}
