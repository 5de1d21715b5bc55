//! What ECS checks of a task definition when it is registered.
//!
//! Wordings are AWS's where they are known. The shapes were checked before.

use serde_json::{Map, Value};

use super::{
    errors::{client, invalid},
    fargate,
    input::Input,
};
use crate::fault::AwsError;

/// The largest document, in bytes.
const LARGEST: usize = 64 * 1024;

/// Refuses what ECS refuses.
pub(super) fn check(input: &Input) -> Result<(), AwsError> {
    let family = input.text("family").unwrap_or_default();
    if family.is_empty()
        || family.len() > 255
        || !family.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    {
        return Err(client(
            "Family contains invalid characters when it should only contain a-z, A-Z, 0-9, - and _, or is longer than 255.",
        ));
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
        return Err(client(format!(
            "Invalid setting for container '{}'. At least one of 'memory' or 'memoryReservation' must be specified.",
            text("name")
        )));
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

/// What is checked once units are the small ones.
pub(super) fn check_normalised(document: &Map<String, Value>) -> Result<(), AwsError> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if ["taskRoleArn", "executionRoleArn"].into_iter().any(|name| text(name) == Some("")) {
        return Err(client("Role is not valid"));
    }
    let compatibilities = document.get("requiresCompatibilities").and_then(Value::as_array);
    let is_fargate = compatibilities.into_iter().flatten().any(|item| item == "FARGATE");
    match (text("cpu"), text("memory")) {
        (Some(cpu), Some(memory)) if is_fargate => fargate::check_size(cpu, memory),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{super::register::register, *};
    use crate::ecs::world::World;

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
        check_refusal(
            json!({"family": "f", "containerDefinitions": [{"name": "n", "image": "i"}]}),
            "memoryReservation",
        );
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
        check_refusal(
            json!({"family": "f", "tags": [], "containerDefinitions": [{"name": "n", "image": "i", "memory": 1}]}),
            "Tags can not be empty.",
        );
    }

    #[test]
    fn an_empty_role_is_not_valid() {
        let containers = json!([{"name": "n", "image": "i", "memory": 1}]);
        check_refusal(
            json!({"family": "f", "taskRoleArn": "", "containerDefinitions": containers}),
            "Role is not valid",
        );
    }

    #[test]
    fn fargate_needs_awsvpc() {
        let containers = json!([{"name": "n", "image": "i", "memory": 1}]);
        check_refusal(
            json!({"family": "f", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": containers}),
            "awsvpc",
        );
    }
}
