//! `RegisterTaskDefinition`: what AWS makes of a document.
//!
//! What it refuses is in `register_checks`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    errors::client,
    input::Input,
    register_checks::{check, check_normalised},
    tags,
};
use crate::{
    ecs::{
        render,
        world::{World, task_definition::TaskDefinition},
    },
    fault::AwsError,
};

/// `RegisterTaskDefinition`.
pub(super) fn perform(world: &mut World, input: &Input, now: Timestamp) -> Result<Value, AwsError> {
    let arn = register(world, input, now)?;
    let definition = world.families.find(&arn).ok_or_else(|| client("Unable to describe task definition."))?;
    let mut answer = json!({"taskDefinition": render::task_definition::task_definition(definition, &world.account)});
    if world.tags.contains_key(&arn) {
        answer["tags"] = tags::shown(world, &arn);
    }
    Ok(answer)
}

/// Registers a revision and gives its ARN.
pub(crate) fn register(world: &mut World, input: &Input, now: Timestamp) -> Result<String, AwsError> {
    let given = tags::read(input)?;
    check(input)?;
    let family = input.text("family").unwrap_or_default().to_owned();
    let mut document = input.0.clone();
    document.shift_remove("tags");
    normalise(&mut document);
    check_normalised(&document)?;
    let revisions = &mut world.families.0.entry(family.clone()).or_default().revisions;
    let revision = revisions.last_key_value().map_or(1, |(last, _)| last + 1);
    let arn = format!("arn:aws:ecs:{}:{}:task-definition/{family}:{revision}", world.region, world.account);
    revisions.insert(
        revision,
        TaskDefinition {
            arn: arn.clone(),
            family,
            revision,
            active: true,
            document,
            registered_at: now,
            deregistered_at: None,
        },
    );
    tags::store(world, &arn, given);
    Ok(arn)
}

/// What AWS fills in and rewrites.
fn normalise(document: &mut Map<String, Value>) {
    for (name, unit) in [("cpu", "vcpu"), ("memory", "gb")] {
        if let Some(Value::String(text)) = document.get_mut(name) {
            *text = in_small_units(text, unit);
        }
    }
    let shares_host = matches!(document.get("networkMode").and_then(Value::as_str), Some("awsvpc" | "host"));
    for container in document.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(container) = container {
            normalise_container(container, shares_host);
        }
    }
    for name in ["volumes", "placementConstraints"] {
        document.entry(name).or_insert_with(|| json!([]));
    }
}

fn normalise_container(container: &mut Map<String, Value>, shares_host: bool) {
    container.entry("cpu").or_insert_with(|| json!(0));
    container.entry("essential").or_insert_with(|| json!(true));
    for name in ["portMappings", "environment", "mountPoints", "volumesFrom", "systemControls"] {
        container.entry(name).or_insert_with(|| json!([]));
    }
    for mapping in container.get_mut("portMappings").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(mapping) = mapping {
            let port = mapping.get("containerPort").filter(|_| shares_host).cloned().unwrap_or_else(|| json!(0));
            mapping.entry("hostPort").or_insert(port);
            mapping.entry("protocol").or_insert_with(|| json!("tcp"));
        }
    }
}

/// "1 vCPU" is 1024 and "0.5 GB" is 512; a plain number stays.
fn in_small_units(text: &str, unit: &str) -> String {
    let lower = text.trim().to_ascii_lowercase();
    let number = lower.strip_suffix(unit).and_then(|number| number.trim().parse::<f64>().ok());
    match number.filter(|number| number.is_finite()) {
        Some(number) => format!("{:.0}", number * 1024.0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_units(text: &str, unit: &str, expected: &str) {
        assert_eq!(in_small_units(text, unit), expected);
    }

    #[test]
    fn sizes_are_written_in_small_units() {
        check_units("1 vCPU", "vcpu", "1024");
        check_units(".25 vcpu", "vcpu", "256");
        check_units("2 GB", "gb", "2048");
        check_units("0.5GB", "gb", "512");
        check_units("256", "vcpu", "256");
        check_units("nonsense", "gb", "nonsense");
    }
}
