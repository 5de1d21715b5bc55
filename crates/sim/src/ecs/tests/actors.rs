//! Somebody else works on the same service, as data: each kind of interference at its moment.

use serde_json::{Map, Value, json};

use super::scene::{Scene, balanced};
use crate::ecs::{Ecs, Knobs, knobs::Actor};

/// A call after the first accepted `UpdateService`.
fn actor(after: f64, operation: &str, input: Value) -> Actor {
    let Value::Object(input) = input else { panic!("an object") };
    let on = Some("UpdateService".to_owned());
    Actor { on, number: 1, after, account: None, region: None, operation: operation.to_owned(), input }
}

fn scene(actors: Vec<Actor>, configuration: Value) -> Scene {
    let mut scene = Scene::with(Knobs { actors, ..Knobs::default() });
    scene.seed(2, configuration, Map::new());
    scene
}

#[test]
fn another_deployment_supersedes_ours() {
    let update = json!({"cluster": "prod", "service": "web", "taskDefinition": "web:1"});
    let mut scene = scene(vec![actor(30.0, "UpdateService", update)], json!({}));
    scene.deploy("better");
    scene.pass(29.0);
    assert_eq!(scene.deployments().len(), 2);
    scene.pass(1.5);
    assert_eq!(scene.described(1)["status"], "STOPPED");
    assert_eq!(scene.described(1)["statusReason"], "Replaced by a new service deployment.");
    scene.pass(300.0);
    assert_eq!(scene.service()["taskDefinition"], "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1");
}

#[test]
fn a_forced_deployment_of_the_same_revision_supersedes_ours_too() {
    let update = json!({"cluster": "prod", "service": "web", "forceNewDeployment": true});
    let mut scene = scene(vec![actor(10.0, "UpdateService", update)], json!({}));
    let ours = scene.deploy("better");
    scene.pass(300.0);
    let service = scene.service();
    assert_ne!(service["deployments"][0]["id"], ours["deployments"][0]["id"]);
    assert_eq!(service["taskDefinition"], ours["taskDefinition"]);
}

#[test]
fn an_autoscaler_scales_in_mid_rollout() {
    let update = json!({"cluster": "prod", "service": "web", "desiredCount": 5});
    let mut scene = scene(vec![actor(10.0, "UpdateService", update)], json!({}));
    scene.deploy("better");
    scene.pass(300.0);
    assert_eq!(
        (scene.deployments(), scene.status()),
        (vec!["PRIMARY COMPLETED 5/5".to_owned()], "SUCCESSFUL".to_owned())
    );
}

#[test]
fn a_person_stops_one_of_our_tasks() {
    let stop = json!({"cluster": "prod", "task": "$task:web", "reason": "drill"});
    let mut scene = scene(vec![actor(25.0, "StopTask", stop)], json!({}));
    let id = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass(26.0);
    let stopped = scene.stopped_tasks();
    assert_eq!(
        (&stopped[0]["stoppedReason"], &stopped[0]["stopCode"], &stopped[0]["startedBy"]),
        (&json!("drill"), &json!("UserInitiated"), &id)
    );
    scene.pass(300.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn somebody_deletes_the_service() {
    let delete = json!({"cluster": "prod", "service": "web", "force": true});
    let mut scene = scene(vec![actor(5.0, "DeleteService", delete)], json!({}));
    scene.deploy("better");
    scene.pass(6.0);
    assert_eq!(scene.service()["status"], "DRAINING");
}

#[test]
fn somebody_deregisters_the_revision_to_go_back_to() {
    let deregister = json!({"taskDefinition": "web:1"});
    let mut scene = scene(vec![actor(5.0, "DeregisterTaskDefinition", deregister)], json!({}));
    scene.deploy("better");
    scene.pass(300.0);
    let refusal =
        scene.refusal("UpdateService", json!({"cluster": "prod", "service": "web", "taskDefinition": "web:1"}));
    assert_eq!(refusal.message, "TaskDefinition is inactive");
}

#[test]
fn somebody_asks_for_a_rollback_or_lets_a_pause_end() {
    let stop = json!({"serviceDeploymentArn": "$deployment:web"});
    let mut stopped = scene(vec![actor(30.0, "StopServiceDeployment", stop)], json!({}));
    stopped.deploy("better");
    stopped.pass(300.0);
    assert_eq!(stopped.status(), "ROLLBACK_SUCCESSFUL");
    let go_on = json!({"serviceDeploymentArn": "$deployment:web", "hookId": "$hook:web"});
    let configuration = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}]});
    let mut paused =
        Scene::with(Knobs { actors: vec![actor(60.0, "ContinueServiceDeployment", go_on)], ..Knobs::default() });
    paused.seed(2, configuration, balanced());
    paused.deploy("better");
    paused.pass(600.0);
    assert_eq!(paused.status(), "SUCCESSFUL");
}

#[test]
fn a_call_may_count_from_the_beginning_or_from_a_later_call() {
    let scale = |desired: u32| json!({"cluster": "prod", "service": "web", "desiredCount": desired});
    let at_once = Actor { on: None, ..actor(60.0, "UpdateService", scale(3)) };
    let second = Actor { number: 2, ..actor(0.0, "UpdateService", scale(4)) };
    let mut scene = scene(vec![at_once, second], json!({}));
    scene.pass(61.0);
    assert_eq!(scene.service()["desiredCount"], 3);
    scene.deploy("better");
    scene.pass(1.0);
    assert_eq!(scene.service()["desiredCount"], 3);
    scene.deploy("good");
    scene.pass(1.0);
    assert_eq!(scene.service()["desiredCount"], 4);
}

#[test]
fn a_call_that_is_refused_is_remembered_and_what_is_planned_survives_a_restart() {
    let update = json!({"cluster": "prod", "service": "wbe", "desiredCount": 3});
    let mut scene = scene(vec![actor(30.0, "UpdateService", update)], json!({}));
    scene.deploy("better");
    let kept = serde_json::to_value(&scene.ecs).unwrap();
    scene.ecs = serde_json::from_value::<Ecs>(kept).unwrap();
    scene.pass(60.0);
    let done = serde_json::to_value(&scene.ecs).unwrap()["actors"]["done"].clone();
    assert_eq!(done[0]["refused"], "ServiceNotFoundException: Service not found.");
}

/// What is seen of a task that was taken away for this reason.
fn lost(code: &str) -> Value {
    let lose = json!({"cluster": "prod", "task": "$task:web", "stopCode": code});
    let mut scene = scene(vec![actor(60.0, "LoseTask", lose)], json!({}));
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 2}));
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"], "it was replaced");
    let task = scene.stopped_tasks()[0].clone();
    json!({"code": task["stopCode"], "exit": task["containers"][0].get("exitCode").is_some(), "status": task["lastStatus"]})
}

#[test]
fn aws_takes_tasks_away_and_a_lost_host_takes_the_exit_code_with_it() {
    for (code, exit) in [("SpotInterruption", true), ("TerminationNotice", true), ("InfrastructureHealth", false)] {
        assert_eq!(lost(code), json!({"code": code, "exit": exit, "status": "STOPPED"}));
    }
}

#[test]
fn a_one_off_task_can_be_taken_away_too() {
    let lose = json!({"cluster": "prod", "task": "$one-off:web", "stopCode": "InfrastructureHealth"});
    let on = Some("RunTask".to_owned());
    let mut scene = scene(vec![Actor { on, ..actor(22.0, "LoseTask", lose) }], json!({}));
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let run = json!({"cluster": "prod", "taskDefinition": "web", "networkConfiguration": network});
    let arn = scene.call("RunTask", run)["tasks"][0]["taskArn"].clone();
    scene.pass(60.0);
    let task = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}))["tasks"][0].clone();
    assert_eq!((&task["stopCode"], task["containers"][0].get("exitCode")), (&json!("InfrastructureHealth"), None));
}
