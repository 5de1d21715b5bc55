//! One-off tasks.

use serde_json::{Value, json};

use super::scene::{Scene, crashing, definition};
use crate::image::Behaviour;

fn run(scene: &mut Scene, members: Value) -> Value {
    let mut input = json!({"cluster": "prod", "taskDefinition": "web", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}});
    input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    scene.call("RunTask", input)
}

fn described(scene: &mut Scene, arn: &Value) -> Value {
    scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}))["tasks"][0].clone()
}

fn migration(command: &str) -> Value {
    json!({"overrides": {"containerOverrides": [{"name": "app", "command": [command]}]}, "startedBy": "promotion-1"})
}

#[test]
fn a_migration_ends_with_the_code_of_its_image_although_the_image_serves() {
    for code in [0, 3] {
        let mut scene = Scene::new();
        scene.image("good", Behaviour { exit_code: code, ..Behaviour::default() });
        scene.call("RegisterTaskDefinition", definition("web", "good"));
        let arn = run(&mut scene, migration("migrate"))["tasks"][0]["taskArn"].clone();
        scene.pass(21.0);
        assert_eq!(described(&mut scene, &arn)["lastStatus"], "RUNNING");
        scene.pass(10.0);
        let task = described(&mut scene, &arn);
        assert_eq!(
            (task["lastStatus"].as_str(), task["stopCode"].as_str()),
            (Some("STOPPED"), Some("EssentialContainerExited"))
        );
        assert_eq!(task["containers"][0]["exitCode"], code);
        assert_eq!(task["overrides"]["containerOverrides"][0]["command"], json!(["migrate"]));
        let listed = scene.call("ListTasks", json!({"cluster": "prod", "family": "web", "desiredStatus": "STOPPED"}));
        assert_eq!(listed["taskArns"], json!([arn]));
    }
}

#[test]
fn an_image_that_exits_by_itself_does_so_in_a_one_off_task() {
    let mut scene = Scene::new();
    scene.image("good", crashing());
    scene.call("RegisterTaskDefinition", definition("web", "good"));
    let arn = run(&mut scene, json!({}))["tasks"][0]["taskArn"].clone();
    scene.pass(30.0);
    assert_eq!(described(&mut scene, &arn)["containers"][0]["exitCode"], 1);
    scene.pass(3600.0);
    let gone = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}));
    assert_eq!(gone["failures"][0]["reason"], "MISSING");
}

#[test]
fn the_same_client_token_gives_the_same_tasks() {
    let mut scene = Scene::new();
    scene.call("RegisterTaskDefinition", definition("web", "good"));
    let first = run(&mut scene, json!({"clientToken": "t", "count": 2}));
    let second = run(&mut scene, json!({"clientToken": "t", "count": 2}));
    assert_eq!(first["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(first, second);
    let other = json!({"cluster": "prod", "taskDefinition": "web", "clientToken": "t"});
    assert_eq!(scene.refusal("RunTask", other).code, "ConflictException");
}

#[test]
fn started_by_is_a_filter_of_its_own() {
    let mut scene = Scene::new();
    scene.call("RegisterTaskDefinition", definition("web", "good"));
    let arn = run(&mut scene, migration("migrate"))["tasks"][0]["taskArn"].clone();
    assert_eq!(
        scene.call("ListTasks", json!({"cluster": "prod", "startedBy": "promotion-1"}))["taskArns"],
        json!([arn])
    );
    let refusal = scene.refusal("ListTasks", json!({"cluster": "prod", "startedBy": "promotion-1", "family": "web"}));
    assert_eq!(refusal.code, "InvalidParameterException");
}

#[test]
fn a_one_off_task_that_somebody_stops_is_not_replaced() {
    let mut scene = Scene::new();
    scene.call("RegisterTaskDefinition", definition("web", "good"));
    let arn = run(&mut scene, json!({}))["tasks"][0]["taskArn"].clone();
    scene.pass(30.0);
    scene.call("StopTask", json!({"cluster": "prod", "task": arn}));
    scene.pass(30.0);
    assert_eq!(described(&mut scene, &arn)["lastStatus"], "STOPPED");
    assert_eq!(scene.call("ListTasks", json!({"cluster": "prod"}))["taskArns"], json!([]));
}
