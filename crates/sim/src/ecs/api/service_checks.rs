//! What AWS checks of a service's members, when it is created and when it is updated.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    errors::{client, invalid},
    strategy_checks,
};
use crate::{
    ecs::{
        knobs::Knobs,
        world::{
            task_definition::{Families, TaskDefinition},
            time::before,
        },
    },
    fault::AwsError,
};

/// The ACTIVE task definition that `reference` names. One that was deregistered after `enforced` still counts as such.
pub(super) fn active_definition<'a>(
    families: &'a Families,
    reference: &str,
    enforced: Timestamp,
) -> Result<&'a TaskDefinition, AwsError> {
    let definition = families.find(reference).ok_or_else(|| client("TaskDefinition not found."))?;
    let is_new = definition.deregistered_at.is_some_and(|since| since > enforced);
    if definition.active || is_new { Ok(definition) } else { Err(client("TaskDefinition is inactive")) }
}

/// Deregistrations after this instant are not enforced yet.
pub(super) fn enforced(knobs: &Knobs, now: Timestamp) -> Timestamp {
    before(now, knobs.inactive_enforced_after)
}

/// A count that is not negative.
pub(super) fn count(name: &str, number: i64) -> Result<u32, AwsError> {
    u32::try_from(number).map_err(|_| invalid(format!("{name} cannot be negative.")))
}

/// A network configuration goes with the network mode `awsvpc`, and only with it.
pub(super) fn check_network(definition: &TaskDefinition, network: Option<&Value>) -> Result<(), AwsError> {
    match (definition.text("networkMode") == Some("awsvpc"), network.is_some()) {
        (true, false) => Err(invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")),
        (false, true) => {
            Err(invalid("Network Configuration is not valid for the given networkMode of this task definition."))
        }
        (true, true) | (false, false) => Ok(()),
    }
}

/// A load balancer sends requests to a port of a container that is there.
pub(super) fn check_load_balancers(definition: &TaskDefinition, balancers: Option<&Value>) -> Result<(), AwsError> {
    let balancers = balancers.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if balancers.len() > 5 {
        return Err(invalid("load balancers can have at most 5 items."));
    }
    for balancer in balancers {
        let name = balancer["containerName"].as_str().unwrap_or_default();
        let container = definition.containers().find(|container| container["name"] == name);
        let container =
            container.ok_or_else(|| invalid(format!("The container {name} does not exist in the task definition.")))?;
        let port = &balancer["containerPort"];
        let mappings = container["portMappings"].as_array().map_or(&[][..], Vec::as_slice);
        if mappings.iter().all(|mapping| mapping["containerPort"] != *port) {
            return Err(invalid(format!("The container {name} did not have a container port {port} defined.")));
        }
    }
    Ok(())
}

/// Percentages that block nothing, a breaker that can trip, and a strategy with sensible values.
pub(super) fn check_configuration(configuration: &Value) -> Result<(), AwsError> {
    let percent = |name: &str, usual| configuration[name].as_i64().unwrap_or(usual);
    let (minimum, maximum) = (percent("minimumHealthyPercent", 100), percent("maximumPercent", 200));
    if !(0..=100).contains(&minimum) {
        return Err(invalid("minimumHealthyPercent must be between 0 and 100."));
    }
    if maximum < 100 {
        return Err(invalid("maximumPercent must be at least 100."));
    }
    if minimum == 100 && maximum == 100 {
        return Err(invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ));
    }
    let threshold = &configuration["deploymentCircuitBreaker"]["thresholdConfiguration"];
    if threshold["value"].as_i64().is_some_and(|value| value < 1) {
        return Err(invalid("The circuit breaker's threshold must be at least 1."));
    }
    strategy_checks::check(configuration)
}
