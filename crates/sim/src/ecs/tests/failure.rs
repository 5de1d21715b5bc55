//! Tasks that fail, and the circuit breaker: AWS's state sequences (b), (c) and (e).

use serde_json::{Map, Value, json};

use super::scene::{Scene, balanced, breaker, broken, crashing, definition, digits, silent};
use crate::{
    ecs::{Knobs, knobs::NoCandidate},
    image::Behaviour,
};

#[test]
fn the_circuit_breaker_rolls_back_to_the_old_deployment_under_its_old_id() {
    let mut scene = Scene::steady(breaker(true));
    scene.image("broken", broken());
    let old = scene.service();
    let id = scene.deploy("broken")["deployments"][0]["id"].clone();
    assert!(scene.pass_until(600.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    let service = scene.service();
    assert_eq!(service["deployments"][0]["id"], old["deployments"][0]["id"]);
    assert_eq!(service["taskDefinition"], old["taskDefinition"]);
    assert_eq!(
        service["deployments"][0]["rolloutStateReason"],
        format!(
            "ECS deployment circuit breaker: rolling back to deploymentId {}.",
            old["deployments"][0]["id"].as_str().unwrap()
        )
    );
    assert_eq!(service["deployments"][1]["id"], id);
    assert_eq!(service["deployments"][1]["rolloutState"], "FAILED");
    assert_eq!(
        service["deployments"][1]["rolloutStateReason"],
        "ECS deployment circuit breaker: tasks failed to start."
    );
    scene.pass(300.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    let newest = scene.newest();
    assert_eq!(newest["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(
        newest["statusReason"],
        "Service deployment rolled back because the circuit breaker threshold was exceeded."
    );
    assert_eq!(newest["deploymentCircuitBreaker"], json!({"status": "TRIGGERED", "failureCount": 3, "threshold": 3}));
    assert_eq!(digits(&newest["rollback"]["serviceRevisionArn"]), digits(&old["deployments"][0]["id"]));
    assert_eq!(digits(&newest["targetServiceRevision"]["arn"]), digits(&id));
}

#[test]
fn the_rollback_is_told_in_two_messages() {
    let mut scene = Scene::steady(breaker(true));
    scene.image("broken", broken());
    let old = scene.service()["deployments"][0]["id"].clone();
    let id = scene.deploy("broken")["deployments"][0]["id"].clone();
    scene.pass_until(600.0, |scene| scene.status().starts_with("ROLLBACK"));
    let messages = scene.messages();
    let failed =
        format!("(service web) (deployment {}) deployment failed: tasks failed to start.", id.as_str().unwrap());
    let position = messages.iter().position(|message| *message == failed).unwrap();
    assert_eq!(messages[position - 1], format!("(service web) rolling back to deployment {}.", old.as_str().unwrap()));
}

#[test]
fn without_rollback_both_revisions_stay() {
    let mut scene = Scene::steady(breaker(false));
    scene.image("broken", broken());
    scene.deploy("broken");
    scene.pass(900.0);
    assert_eq!(scene.deployments(), ["PRIMARY FAILED 0/0", "ACTIVE COMPLETED 2/2"]);
    let newest = scene.newest();
    assert_eq!(newest["status"], "STOPPED");
    assert!(newest["stoppedAt"].is_number());
    scene.pass(9000.0);
    assert_eq!(scene.deployments().len(), 2);
}

#[test]
fn a_first_deployment_has_nothing_to_roll_back_to() {
    for (knob, expected) in [(NoCandidate::Stopped, "STOPPED"), (NoCandidate::RollbackFailed, "ROLLBACK_FAILED")] {
        let mut scene = Scene::with(Knobs { no_candidate: knob, ..Knobs::default() });
        scene.image("broken", broken());
        scene.call("RegisterTaskDefinition", definition("web", "broken"));
        create(&mut scene, breaker(true));
        scene.pass(900.0);
        assert_eq!(scene.status(), expected);
        assert_eq!(scene.newest()["statusReason"], "No rollback candidate was found to run the rollback.");
        assert_eq!(scene.service()["deployments"][0]["rolloutState"], "FAILED");
    }
}

fn create(scene: &mut Scene, configuration: Value) {
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let input = json!({
        "cluster": "prod", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
        "networkConfiguration": network, "deploymentConfiguration": configuration,
    });
    scene.call("CreateService", input);
}

#[test]
fn without_a_circuit_breaker_a_broken_deployment_goes_on_forever_and_slows_down() {
    let mut scene = Scene::steady(json!({}));
    scene.image("broken", broken());
    scene.deploy("broken");
    scene.pass(86_400.0);
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 0/2", "ACTIVE COMPLETED 2/2"]);
    assert_eq!(scene.status(), "IN_PROGRESS");
    let failed = scene.service()["deployments"][0]["failedTasks"].as_u64().unwrap();
    assert!((50..200).contains(&failed), "{failed}");
    assert!(scene.messages().contains(&"(service web) is unable to consistently start tasks successfully.".to_owned()));
}

#[test]
fn tasks_that_ran_are_replaced_without_a_pause() {
    let mut scene = Scene::steady(json!({}));
    scene.image("crashing", crashing());
    scene.deploy("crashing");
    scene.pass(600.0);
    let exited =
        scene.stopped_tasks().into_iter().filter(|task| task["stopCode"] == "EssentialContainerExited").count();
    assert!(exited >= 40, "{exited}");
    assert_eq!(scene.status(), "IN_PROGRESS");
}

#[test]
fn whether_an_exit_after_running_counts_is_a_setting() {
    for (counts, expected) in [(false, "IN_PROGRESS"), (true, "ROLLBACK_SUCCESSFUL")] {
        let mut scene = Scene::with(Knobs { count_running_exit: counts, ..Knobs::default() });
        scene.seed(2, breaker(true), Map::new());
        scene.image("crashing", crashing());
        scene.deploy("crashing");
        scene.pass(900.0);
        assert_eq!(scene.status(), expected);
    }
}

#[test]
fn tasks_that_fail_the_load_balancer_are_replaced_and_counted() {
    let mut scene = Scene::new();
    scene.seed(2, breaker(true), balanced());
    scene.image("silent", silent());
    scene.deploy("silent");
    scene.pass(1200.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    let stopped = scene.stopped_tasks();
    assert!(stopped.iter().any(|task| {
        task["stoppedReason"].as_str().unwrap().starts_with("Task failed ELB health checks in (target-group ")
    }));
    assert!(scene.messages().iter().any(|message| message.contains("is unhealthy in (target-group")));
}

#[test]
fn a_task_that_turns_unhealthy_later_is_replaced_within_its_revision() {
    let mut scene = Scene::new();
    scene.image("good", Behaviour { unhealthy_after: Some(4000.0), ..Behaviour::default() });
    scene.seed(1, json!({}), balanced());
    scene.pass(1000.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 1/1"]);
    assert!(
        scene
            .messages()
            .iter()
            .any(|message| { message.contains("Amazon ECS replaced 1 tasks due to an unhealthy status.") })
    );
    assert_eq!(scene.stopped_tasks().len(), 1);
}

#[test]
fn a_grace_period_protects_slow_starters() {
    let slow = || Behaviour { healthy_after: Some(200.0), ..Behaviour::default() };
    for (grace, expected) in [(0, "ROLLBACK_SUCCESSFUL"), (300, "SUCCESSFUL")] {
        let mut scene = Scene::new();
        let mut members = balanced();
        members.insert("healthCheckGracePeriodSeconds".to_owned(), json!(grace));
        scene.seed(2, breaker(true), members);
        scene.image("slow", slow());
        scene.deploy("slow");
        scene.pass(900.0);
        assert_eq!(scene.status(), expected);
    }
}

#[test]
fn a_missing_image_is_told_by_the_task_and_leaves_no_exit_code() {
    let mut scene = Scene::steady(breaker(true));
    scene.deploy("nowhere");
    scene.pass(20.0);
    let task = scene.stopped_tasks()[0].clone();
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(task["stoppedReason"].as_str().unwrap().starts_with("CannotPullContainerError"));
    assert_eq!(task["containers"][0].get("exitCode"), None);
    assert_eq!(task["containers"][0].get("imageDigest"), None);
}

#[test]
fn a_task_that_exits_tells_its_code() {
    let mut scene = Scene::steady(json!({}));
    scene.image("crashing", crashing());
    scene.deploy("crashing");
    scene.pass(26.0);
    let task = scene.stopped_tasks()[0].clone();
    assert_eq!(task["lastStatus"], "STOPPED");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    assert_eq!(task["containers"][0]["exitCode"], 1);
}

#[track_caller]
fn check_threshold(desired: u32, threshold: Value, expected: u64) {
    let mut scene = Scene::new();
    scene.image("broken", broken());
    let configuration =
        json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true, "thresholdConfiguration": threshold}});
    scene.seed(desired, configuration, Map::new());
    scene.deploy("broken");
    scene.pass(40_000.0);
    let breaker = scene.newest()["deploymentCircuitBreaker"].clone();
    assert_eq!(breaker["threshold"], expected);
    assert_eq!(breaker["status"], "TRIGGERED");
    assert!(breaker["failureCount"].as_u64() >= Some(expected));
}

#[test]
fn the_threshold_is_that_of_the_service() {
    check_threshold(1, Value::Null, 3);
    check_threshold(1, json!({"type": "COUNT", "value": 1}), 1);
    check_threshold(2, json!({"type": "COUNT", "value": 7}), 7);
    check_threshold(3, json!({"type": "UNBOUNDED_PERCENT", "value": 50}), 2);
    check_threshold(10, json!({"type": "BOUNDED_PERCENT", "value": 50}), 5);
}

#[test]
fn failures_are_forgotten_when_a_task_turns_healthy_unless_they_accumulate() {
    for (resets, expected) in [(true, "IN_PROGRESS"), (false, "ROLLBACK_SUCCESSFUL")] {
        let mut scene = Scene::new();
        let configuration = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true, "resetOnHealthyTask": resets}, "maximumPercent": 150});
        scene.seed(2, configuration, balanced());
        // Healthy for a moment, then not: one task at a time, so that the rollout never reaches its goal.
        scene.image(
            "flapping",
            Behaviour { healthy_after: Some(5.0), unhealthy_after: Some(10.0), ..Behaviour::default() },
        );
        scene.deploy("flapping");
        scene.pass(2000.0);
        let status = scene.status();
        assert!(status == expected || (resets && status == "SUCCESSFUL"), "{status}");
    }
}
