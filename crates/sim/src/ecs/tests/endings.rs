//! How tasks end and what is seen of it, and how a service ends in the middle of a rollout.

use serde_json::{Map, Value, json};

use super::scene::{Scene, breaker};
use crate::{ecs::Knobs, image::Behaviour};

fn first_stopped(behaviour: Behaviour) -> Value {
    let mut scene = Scene::steady(breaker(true));
    scene.image("odd", behaviour);
    scene.deploy("odd");
    scene.pass(60.0);
    scene.stopped_tasks()[0].clone()
}

#[track_caller]
fn check(behaviour: Behaviour, code: &str, reason: &str, container: Value) {
    let task = first_stopped(behaviour);
    assert_eq!((task["stopCode"].as_str(), task["stoppedReason"].as_str()), (Some(code), Some(reason)));
    let shown = &task["containers"][0];
    let seen =
        json!({"exitCode": shown["exitCode"], "reason": shown["reason"], "pulled": shown["imageDigest"].is_string()});
    assert_eq!(seen, container);
}

fn failing(reason: &str) -> Behaviour {
    Behaviour { fails_to_start: Some(reason.to_owned()), ..Behaviour::default() }
}

fn exiting(exit_code: i32) -> Behaviour {
    Behaviour { exit_after: Some(1.0), exit_code, ..Behaviour::default() }
}

#[test]
fn each_way_to_end_has_its_code_reason_and_exit_code() {
    let secrets = "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException";
    check(failing(secrets), "TaskFailedToStart", secrets, json!({"exitCode": null, "reason": null, "pulled": false}));
    let start = "CannotStartContainerError: exec format error";
    check(failing(start), "TaskFailedToStart", start, json!({"exitCode": null, "reason": start, "pulled": true}));
    let exited = "Essential container in task exited";
    check(exiting(3), "EssentialContainerExited", exited, json!({"exitCode": 3, "reason": null, "pulled": true}));
    let memory = "OutOfMemoryError: Container killed due to memory usage";
    check(exiting(137), "EssentialContainerExited", exited, json!({"exitCode": 137, "reason": memory, "pulled": true}));
}

#[test]
fn a_program_that_is_in_no_image_cannot_be_started() {
    let mut scene = Scene::steady(breaker(true));
    let mut definition = super::scene::definition("web", "better");
    definition["containerDefinitions"][0]["entryPoint"] = json!(["/nonexistent/program", "--serve"]);
    let arn = scene.call("RegisterTaskDefinition", definition)["taskDefinition"]["taskDefinitionArn"].clone();
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "taskDefinition": arn}));
    scene.pass(60.0);
    let task = scene.stopped_tasks()[0].clone();
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.ends_with("stat /nonexistent/program: no such file or directory: unknown"), "{reason}");
}

#[test]
fn the_states_of_a_task_come_in_order() {
    let mut scene = Scene::new();
    scene.seed(1, json!({}), super::scene::balanced());
    let arn = scene.call("ListTasks", json!({"cluster": "prod", "serviceName": "web"}))["taskArns"][0].clone();
    let mut seen: Vec<String> = Vec::new();
    let mut note = |scene: &mut Scene, arn: &Value| {
        let answer = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}));
        let status = answer["tasks"][0]["lastStatus"].as_str().unwrap_or("MISSING").to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    };
    scene.call("StopTask", json!({"cluster": "prod", "task": arn}));
    scene.pass_until(4000.0, |scene| {
        note(scene, &arn);
        false
    });
    note(&mut scene, &arn);
    assert_eq!(seen, ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED", "MISSING"]);
    let service = scene.call("ListTasks", json!({"cluster": "prod", "serviceName": "web", "desiredStatus": "PENDING"}));
    assert_eq!(service["taskArns"], json!([]));
}

#[test]
fn a_new_task_comes_up_in_order_and_shows_its_network_interface() {
    let mut scene = Scene::steady(json!({}));
    let id = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass(0.2);
    let mut seen: Vec<String> = Vec::new();
    scene.pass_until(60.0, |scene| {
        let arns = scene.call("ListTasks", json!({"cluster": "prod", "startedBy": id}))["taskArns"].clone();
        let task = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": arns}))["tasks"][0].clone();
        let interface = task["attachments"][0].clone();
        seen.push(format!("{} {}", task["lastStatus"].as_str().unwrap(), interface["status"].as_str().unwrap()));
        task["lastStatus"] == "RUNNING"
    });
    seen.dedup();
    assert_eq!(seen, ["PROVISIONING ATTACHING", "PENDING ATTACHED", "ACTIVATING ATTACHED", "RUNNING ATTACHED"]);
}

#[test]
fn stopped_tasks_are_kept_for_an_hour() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(120.0);
    assert_eq!(scene.stopped_tasks().len(), 2);
    scene.pass(3480.0);
    assert_eq!(scene.stopped_tasks().len(), 2);
    scene.pass(200.0);
    assert_eq!(scene.stopped_tasks().len(), 0);
}

#[test]
fn a_service_deleted_in_mid_rollout_drains_becomes_inactive_and_is_missing_at_last() {
    let mut scene = Scene::with(Knobs { inactive_services_stay: 600.0, ..Knobs::default() });
    scene.seed(2, json!({}), Map::new());
    scene.deploy("better");
    scene.pass(10.0);
    let deployment = scene.newest()["serviceDeploymentArn"].clone();
    scene.call("DeleteService", json!({"cluster": "prod", "service": "web", "force": true}));
    assert_eq!(scene.service()["status"], "DRAINING");
    scene.pass(60.0);
    let service = scene.service();
    assert_eq!((&service["status"], &service["deployments"]), (&json!("INACTIVE"), &json!([])));
    let described = scene.call("DescribeServiceDeployments", json!({"serviceDeploymentArns": [deployment]}));
    assert_eq!(described["failures"][0]["reason"], "MISSING");
    scene.pass(600.0);
    let answer = scene.call("DescribeServices", json!({"cluster": "prod", "services": ["web"]}));
    assert_eq!((&answer["services"], &answer["failures"][0]["reason"]), (&json!([]), &json!("MISSING")));
    let update = scene.refusal("UpdateService", json!({"cluster": "prod", "service": "web"}));
    assert_eq!(update.code, "ServiceNotFoundException");
}

#[test]
fn there_are_never_more_than_a_hundred_events_and_the_newest_is_first() {
    let mut scene = Scene::steady(json!({}));
    scene.image("crashing", super::scene::crashing());
    scene.deploy("crashing");
    scene.pass(7200.0);
    let events = scene.service()["events"].as_array().unwrap().clone();
    assert_eq!(events.len(), 100);
    let times: Vec<f64> = events.iter().map(|event| event["createdAt"].as_f64().unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] >= pair[1]));
}

#[test]
fn a_container_that_does_not_stop_in_time_is_killed() {
    for (needs, code, seconds) in [(5.0, 0, 5.0_f64), (60.0, 137, 30.0)] {
        let mut scene = Scene::new();
        scene.image("good", Behaviour { stops_after: needs, ..Behaviour::default() });
        scene.seed(1, json!({}), Map::new());
        let arn = scene.call("ListTasks", json!({"cluster": "prod", "serviceName": "web"}))["taskArns"][0].clone();
        scene.call("StopTask", json!({"cluster": "prod", "task": arn}));
        scene.pass(120.0);
        let task = scene.stopped_tasks()[0].clone();
        assert_eq!(task["containers"][0]["exitCode"], code);
        let stopped = task["executionStoppedAt"].as_f64().unwrap() - scene.now.as_duration().as_secs_f64() + 120.0;
        assert!((stopped - seconds).abs() < 0.01, "{stopped} seconds after it was asked");
    }
}

#[test]
fn a_container_health_check_is_unknown_then_healthy_or_unhealthy() {
    for (healthy_after, expected) in [(Some(10.0), "HEALTHY"), (None, "UNHEALTHY")] {
        let mut scene = Scene::new();
        scene.image("good", Behaviour { healthy_after, ..Behaviour::default() });
        let mut definition = super::scene::definition("web", "good");
        definition["containerDefinitions"][0]["healthCheck"] = json!({"command": ["CMD", "true"]});
        scene.call("RegisterTaskDefinition", definition);
        let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
        let run = json!({"cluster": "prod", "taskDefinition": "web", "networkConfiguration": network});
        let arn = scene.call("RunTask", run)["tasks"][0]["taskArn"].clone();
        let health = |scene: &mut Scene| {
            let answer = scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}));
            answer["tasks"][0]["healthStatus"].as_str().unwrap().to_owned()
        };
        scene.pass(25.0);
        assert_eq!(health(&mut scene), "UNKNOWN");
        scene.pass(100.0);
        assert_eq!(health(&mut scene), expected);
    }
}
