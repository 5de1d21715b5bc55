//! Task definitions come back as they were registered, with what AWS adds.

use std::{fs, path::Path};

use serde_json::{Map, Value, json};

use super::scene::{Scene, definition};

/// What only AWS adds to a task definition.
const OUTPUT_ONLY: [&str; 7] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
];

/// Whether `described` says all that `given` says: nulls aside, it may only have more members.
fn says(given: &Value, described: &Value) -> bool {
    match (given, described) {
        (Value::Object(given), Value::Object(described)) => given
            .iter()
            .filter(|(_, value)| !value.is_null())
            .all(|(name, value)| described.get(name).is_some_and(|other| says(value, other))),
        (Value::Array(given), Value::Array(described)) => {
            given.len() == described.len()
                && given.iter().zip(described).all(|(given, described)| says(given, described))
        }
        _ => given == described,
    }
}

fn documents() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/task-definitions");
    let read = |path: &Path| {
        let mut document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        // Some are printed as Describe prints them.
        if let Some(inner) = document.get("taskDefinition") {
            document = inner.clone();
        }
        (path.display().to_string(), document)
    };
    fs::read_dir(folder).unwrap().map(|entry| read(&entry.unwrap().path())).collect()
}

#[test]
fn real_documents_come_back_and_can_be_registered_again() {
    let documents = documents();
    assert!(documents.len() >= 17);
    for (path, document) in documents {
        let mut scene = Scene::new();
        scene.call("RegisterTaskDefinition", document.clone());
        let described =
            scene.call("DescribeTaskDefinition", json!({"taskDefinition": document["family"]}))["taskDefinition"]
                .clone();
        assert!(says(&document, &described), "{path}: {described:#}");
        let mut again: Map<String, Value> = described.as_object().unwrap().clone();
        again.retain(|name, _| !OUTPUT_ONLY.contains(&name.as_str()));
        let second = scene.call("RegisterTaskDefinition", Value::Object(again.clone()))["taskDefinition"].clone();
        assert_eq!(second["revision"], 2);
        assert!(
            again.iter().all(|(name, value)| second[name] == *value),
            "{path}: a second registration changed the document"
        );
    }
}

#[test]
fn aws_fills_in_its_defaults() {
    let mut scene = Scene::new();
    let mut input = definition("web", "good");
    input["cpu"] = json!("1 vCPU");
    input["memory"] = json!("2 GB");
    let registered = scene.call("RegisterTaskDefinition", input)["taskDefinition"].clone();
    assert_eq!((registered["cpu"].as_str(), registered["memory"].as_str()), (Some("1024"), Some("2048")));
    assert_eq!(
        registered["containerDefinitions"][0],
        json!({
            "name": "app", "image": "good", "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
            "cpu": 0, "essential": true, "environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": [],
        })
    );
    assert_eq!(registered["taskDefinitionArn"], "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1");
}

#[test]
fn revisions_go_up_even_after_one_was_deregistered() {
    let mut scene = Scene::new();
    scene.register("good");
    scene.call("DeregisterTaskDefinition", json!({"taskDefinition": "web:1"}));
    assert_eq!(scene.refusal("DescribeTaskDefinition", json!({"taskDefinition": "web"})).code, "ClientException");
    assert!(scene.register("good").ends_with("web:2"));
    let list = |scene: &mut Scene, status: &str| {
        scene.call("ListTaskDefinitions", json!({"familyPrefix": "web", "status": status}))["taskDefinitionArns"]
            .clone()
    };
    assert_eq!(list(&mut scene, "ACTIVE").as_array().unwrap().len(), 1);
    assert_eq!(list(&mut scene, "INACTIVE").as_array().unwrap().len(), 1);
}

#[test]
fn tags_are_shown_beside_the_task_definition_when_asked_for() {
    let mut scene = Scene::new();
    let mut input = definition("web", "good");
    input["tags"] = json!([{"key": "deploy", "value": "1"}]);
    let registered = scene.call("RegisterTaskDefinition", input);
    assert_eq!(registered["tags"], json!([{"key": "deploy", "value": "1"}]));
    assert_eq!(registered["taskDefinition"].get("tags"), None);
    assert_eq!(scene.call("DescribeTaskDefinition", json!({"taskDefinition": "web"})).get("tags"), None);
    let asked = scene.call("DescribeTaskDefinition", json!({"taskDefinition": "web", "include": ["TAGS"]}));
    assert_eq!(asked["tags"], registered["tags"]);
}

#[test]
fn resources_are_tagged_and_untagged() {
    let mut scene = Scene::steady(json!({}));
    let arn = scene.service()["serviceArn"].clone();
    scene.call(
        "TagResource",
        json!({"resourceArn": arn, "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]}),
    );
    scene.call("UntagResource", json!({"resourceArn": arn, "tagKeys": ["a"]}));
    assert_eq!(
        scene.call("ListTagsForResource", json!({"resourceArn": arn}))["tags"],
        json!([{"key": "b", "value": "2"}])
    );
    let described =
        scene.call("DescribeServices", json!({"cluster": "prod", "services": ["web"], "include": ["TAGS"]}));
    assert_eq!(described["services"][0]["tags"], json!([{"key": "b", "value": "2"}]));
    assert_eq!(
        scene.refusal("TagResource", json!({"resourceArn": "arn:none", "tags": []})).code,
        "InvalidParameterException"
    );
}
