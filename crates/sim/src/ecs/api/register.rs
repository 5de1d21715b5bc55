//! `RegisterTaskDefinition`: what AWS checks, and what it makes of a document.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    errors::{client, invalid},
    input::Input,
    tags,
};
use crate::{
    ecs::{
        render,
        world::{World, task_definition::TaskDefinition},
    },
    fault::AwsError,
};

/// The largest document, in bytes.
const LARGEST: usize = 64 * 1024;

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
    let revisions = &mut world.families.0.entry(family.clone()).or_default().revisions;
    let revision = revisions.last_key_value().map_or(1, |(last, _)| last + 1);
    let arn = format!("arn:aws:ecs:{}:{}:task-definition/{family}:{revision}", world.region, world.account);
    revisions.insert(revision, TaskDefinition { arn: arn.clone(), family, revision, active: true, document, registered_at: now, deregistered_at: None });
    tags::store(world, &arn, given);
    Ok(arn)
}

fn check(input: &Input) -> Result<(), AwsError> {
    let family = input.text("family").unwrap_or_default();
    if family.is_empty() || family.len() > 255 || !family.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) {
        return Err(client("Family contains invalid characters when it should only contain a-z, A-Z, 0-9, - and _, or is longer than 255."));
    }
    if Value::Object(input.0.clone()).to_string().len() > LARGEST {
        return Err(client("Task definition size exceeds the limit of 64 KiB."));
    }
    check_containers(input)?;
    check_fargate(input)
}

fn check_containers(input: &Input) -> Result<(), AwsError> {
    let containers = input.items("containerDefinitions");
    if containers.is_empty() {
        return Err(client("Container list cannot be empty."));
    }
    if containers.len() > 10 {
        return Err(client("A task definition can have at most 10 containers."));
    }
    let mut names = Vec::new();
    for container in containers {
        check_container(input, container)?;
        let name = container["name"].as_str().unwrap_or_default();
        if names.contains(&name) {
            return Err(client(format!("Container names must be unique: '{name}' is used more than once.")));
        }
        names.push(name);
    }
    if containers.iter().all(|container| container["essential"] == false) {
        return Err(client("Invalid 'essential' setting: at least one container must be essential."));
    }
    Ok(())
}

fn check_container(input: &Input, container: &Value) -> Result<(), AwsError> {
    let text = |name: &str| container[name].as_str().unwrap_or_default();
    if text("name").is_empty() {
        return Err(client("Container.name should not be null or empty."));
    }
    if text("image").is_empty() {
        return Err(client("Container.image should not be null or empty."));
    }
    if text("image").split('@').next().unwrap_or_default().len() > 255 {
        return Err(client("Container.image should not be longer than 255 characters."));
    }
    let has_memory = ["memory", "memoryReservation"].iter().any(|name| container.get(*name).is_some());
    if !has_memory && input.get("memory").is_none() {
        return Err(client(format!("Invalid setting for container '{}'. At least one of 'memory' or 'memoryReservation' must be specified.", text("name"))));
    }
    check_references(input, container)
}

/// Volumes and other containers that a container names must be there.
fn check_references(input: &Input, container: &Value) -> Result<(), AwsError> {
    let named = |list: &str, member: &'static str| {
        let items = container[list].as_array().into_iter().flatten();
        items.filter_map(move |item| item[member].as_str())
    };
    for volume in named("mountPoints", "sourceVolume") {
        if input.items("volumes").iter().all(|item| item["name"] != volume) {
            return Err(client(format!("Unknown volume '{volume}'.")));
        }
    }
    for name in named("dependsOn", "containerName").chain(named("volumesFrom", "sourceContainer")) {
        if input.items("containerDefinitions").iter().all(|item| item["name"] != name) {
            return Err(client(format!("Unknown container '{name}'.")));
        }
    }
    Ok(())
}

fn check_fargate(input: &Input) -> Result<(), AwsError> {
    if input.texts("requiresCompatibilities").all(|item| item != "FARGATE") {
        return Ok(());
    }
    if input.text("networkMode") != Some("awsvpc") {
        return Err(client("Fargate only supports network mode ‘awsvpc’."));
    }
    match ["cpu", "memory"].iter().find(|name| input.text(name).is_none_or(str::is_empty)) {
        Some(name) => Err(invalid(format!("Fargate requires that '{name}' be defined at the task level."))),
        None => Ok(()),
    }
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

    #[track_caller]
    fn check_refusal(members: Value, words: &str) {
        let Value::Object(members) = members else { panic!("an object") };
        let error = register(&mut World::new("1", "r"), &Input(members), Timestamp::UNIX_EPOCH).expect_err("a refusal");
        assert_eq!(error.code, "ClientException");
        assert!(error.message.contains(words), "{}", error.message);
    }

    #[test]
    fn a_container_needs_a_name_an_image_and_memory() {
        check_refusal(json!({"family": "f", "containerDefinitions": [{"image": "i", "memory": 1}]}), "Container.name");
        check_refusal(json!({"family": "f", "containerDefinitions": [{"name": "n", "memory": 1}]}), "Container.image");
        check_refusal(json!({"family": "f", "containerDefinitions": [{"name": "n", "image": "i"}]}), "memoryReservation");
        check_refusal(json!({"family": "f", "containerDefinitions": []}), "empty");
    }

    #[test]
    fn names_must_be_unique_and_references_must_hold() {
        let twice = json!([{"name": "n", "image": "i", "memory": 1}, {"name": "n", "image": "i", "memory": 1}]);
        check_refusal(json!({"family": "f", "containerDefinitions": twice}), "unique");
        let volume = json!([{"name": "n", "image": "i", "memory": 1, "mountPoints": [{"sourceVolume": "v"}]}]);
        check_refusal(json!({"family": "f", "containerDefinitions": volume}), "Unknown volume 'v'");
        let other = json!([{"name": "n", "image": "i", "memory": 1, "dependsOn": [{"containerName": "x", "condition": "START"}]}]);
        check_refusal(json!({"family": "f", "containerDefinitions": other}), "Unknown container 'x'");
    }

    #[test]
    fn an_empty_list_of_tags_is_refused() {
        check_refusal(json!({"family": "f", "tags": [], "containerDefinitions": [{"name": "n", "image": "i", "memory": 1}]}), "Tags can not be empty.");
    }

    #[test]
    fn fargate_needs_awsvpc() {
        let containers = json!([{"name": "n", "image": "i", "memory": 1}]);
        check_refusal(json!({"family": "f", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": containers}), "awsvpc");
    }
}
