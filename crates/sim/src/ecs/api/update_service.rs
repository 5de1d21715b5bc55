//! `UpdateService`: what is named changes, and some changes make a deployment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    errors::invalid,
    find,
    input::Input,
    service_checks::{active_definition, check_configuration, check_load_balancers, check_network, count, enforced},
    services,
};
use crate::{
    ecs::{
        knobs::UpdatedConfiguration,
        scheduler::rollout::{self, DEPLOYING},
        world::{
            World,
            service::{Controller, Service},
        },
    },
    fault::AwsError,
};

/// The members of a request that are not kept as they were given.
const NOT_KEPT: [&str; 7] = [
    "cluster",
    "service",
    "taskDefinition",
    "desiredCount",
    "deploymentConfiguration",
    "deploymentController",
    "forceNewDeployment",
];

/// The members of a configuration that another strategy does not have.
const OF_A_STRATEGY: [&str; 3] = ["linearConfiguration", "canaryConfiguration", "earlySuccessCriteria"];

/// `UpdateService`.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let (cluster, name) = find::active_service(world, input)?;
    let merge = world.knobs.deployment_configuration;
    let (clusters, mut scope) = world.split(now);
    let service = clusters
        .get_mut(&cluster)
        .and_then(|cluster| cluster.services.get_mut(&name))
        .ok_or_else(super::errors::service_not_found)?;
    check_controller(service, input)?;
    check_capacity_providers(service, input)?;
    let updated = updated(scope.families, service, input, merge, enforced(scope.knobs, now))?;
    let deploys =
        service.controller == Controller::Ecs && (input.flag("forceNewDeployment") || differs(service, &updated));
    *service = updated;
    if deploys {
        rollout::begin(&mut scope, service);
    } else if let (Some(primary), desired) = (service.primary_mut(), input.number("desiredCount")) {
        if desired.is_some() {
            primary.updated_at = now;
        }
        service.look_at = Some(now);
    }
    if let Some(primary) = service.deployments.first_mut() {
        primary.desired = service.desired;
    }
    let service = world.clusters.get(&cluster).and_then(|cluster| cluster.services.get(&name));
    Ok(json!({"service": service.map(|service| services::shown(world, service, true, now))}))
}

/// Services whose deployments somebody else makes refuse what would make one.
fn check_controller(service: &Service, input: &Input) -> Result<(), AwsError> {
    let given = input.get("deploymentController").and_then(|controller| controller["type"].as_str());
    if given.is_some_and(|kind| kind != service.controller.as_str()) {
        return Err(AwsError::client(
            "UnsupportedFeatureException",
            "This simulator does not change a service's deployment controller.",
        ));
    }
    let Some(refusal) = deploying(input) else {
        return Ok(());
    };
    match service.controller {
        Controller::Ecs => Ok(()),
        Controller::CodeDeploy => Err(invalid(format!(
            "{refusal} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
        ))),
        Controller::External => Err(invalid(format!("{refusal} on services with an EXTERNAL deployment controller."))),
    }
}

/// What a request asks for that would make a deployment, as AWS refuses it.
fn deploying(input: &Input) -> Option<&'static str> {
    let refusals = [
        ("taskDefinition", "Unable to update task definition"),
        ("networkConfiguration", "Unable to update network parameters"),
        ("platformVersion", "Unable to update platform version"),
        ("loadBalancers", "Unable to update load balancers"),
    ];
    let named = refusals.into_iter().find(|(name, _)| input.get(name).is_some()).map(|(_, refusal)| refusal);
    named.or_else(|| input.flag("forceNewDeployment").then_some("Cannot force a new deployment"))
}

/// A change of where tasks run demands a new deployment in the same call.
fn check_capacity_providers(service: &Service, input: &Input) -> Result<(), AwsError> {
    let strategy = input.get("capacityProviderStrategy");
    if strategy.is_none()
        || strategy == service.document.get("capacityProviderStrategy")
        || input.flag("forceNewDeployment")
    {
        return Ok(());
    }
    Err(invalid(
        "When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.",
    ))
}

fn updated(
    families: &crate::ecs::world::task_definition::Families,
    service: &Service,
    input: &Input,
    mode: UpdatedConfiguration,
    enforced: Timestamp,
) -> Result<Service, AwsError> {
    let mut updated = service.clone();
    if let Some(reference) = input.text("taskDefinition") {
        updated.task_definition.clone_from(&active_definition(families, reference, enforced)?.arn);
    }
    if let Some(number) = input.number("desiredCount") {
        updated.desired = count("desiredCount", number)?;
    }
    if let Some(given) = input.get("deploymentConfiguration") {
        updated.configuration = configuration(&service.configuration, given, mode);
        check_configuration(&updated.configuration)?;
    }
    let kept = input.0.iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
    updated.document.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    if !input.items("capacityProviderStrategy").is_empty() {
        updated.document.shift_remove("launchType");
    }
    if let Some(definition) = families.find(&updated.task_definition) {
        check_network(definition, updated.document.get("networkConfiguration"))?;
        check_load_balancers(definition, updated.document.get("loadBalancers"))?;
    }
    Ok(updated)
}

fn configuration(old: &Value, given: &Value, mode: UpdatedConfiguration) -> Value {
    match mode {
        UpdatedConfiguration::Replace => given.clone(),
        UpdatedConfiguration::Merge => {
            let strategy = given.get("strategy").filter(|strategy| old.get("strategy") != Some(*strategy));
            let kept = old.as_object().into_iter().flatten();
            let kept = kept.filter(|(name, _)| strategy.is_none() || !OF_A_STRATEGY.contains(&name.as_str()));
            let members = kept.chain(given.as_object().into_iter().flatten());
            Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
    }
}

/// Whether a member changed whose change makes a deployment; an empty list is as good as none.
fn differs(old: &Service, new: &Service) -> bool {
    let member =
        |service: &Service, name: &str| service.document.get(name).filter(|value| **value != json!([])).cloned();
    old.task_definition != new.task_definition || DEPLOYING.iter().any(|name| member(old, name) != member(new, name))
}
