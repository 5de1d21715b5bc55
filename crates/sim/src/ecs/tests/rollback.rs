//! Rollbacks that somebody asks for, and rollbacks that go wrong.

use serde_json::{Map, json};

use super::scene::{Scene, breaker, broken};
use crate::ecs::{Knobs, knobs::RollbackId};

fn stop(scene: &mut Scene) {
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    let answer = scene.call("StopServiceDeployment", json!({"serviceDeploymentArn": arn, "stopType": "ROLLBACK"}));
    assert_eq!(answer["serviceDeploymentArn"], arn);
}

#[test]
fn a_rollback_that_was_asked_for_goes_through_its_states() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    scene.pass(30.0);
    stop(&mut scene);
    assert_eq!(scene.status(), "ROLLBACK_REQUESTED");
    scene.pass(0.5);
    assert!(["ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"].contains(&scene.status().as_str()));
    scene.pass(120.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
    assert_eq!(scene.service()["taskDefinition"], "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1");
}

#[test]
fn asking_twice_is_as_good_as_once_and_asking_too_late_is_a_conflict() {
    let mut scene = Scene::steady(json!({}));
    scene.deploy("better");
    stop(&mut scene);
    stop(&mut scene);
    scene.pass(120.0);
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    assert_eq!(scene.refusal("StopServiceDeployment", json!({"serviceDeploymentArn": arn})).code, "ConflictException");
    let unknown =
        json!({"serviceDeploymentArn": "arn:aws:ecs:eu-west-1:111122223333:service-deployment/prod/web/none"});
    assert_eq!(scene.refusal("StopServiceDeployment", unknown).code, "ServiceDeploymentNotFoundException");
}

#[test]
fn a_rollback_can_be_given_a_new_id() {
    let mut scene = Scene::with(Knobs { rollback_id: RollbackId::New, ..Knobs::default() });
    scene.seed(2, breaker(true), Map::new());
    scene.image("broken", broken());
    let old = scene.service();
    scene.deploy("broken");
    scene.pass(900.0);
    let service = scene.service();
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(service["taskDefinition"], old["taskDefinition"]);
    assert_ne!(service["deployments"][0]["id"], old["deployments"][0]["id"]);
}

#[test]
fn a_rollback_fails_when_what_is_put_back_does_not_start_any_more() {
    let mut scene = Scene::steady(json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true}, "minimumHealthyPercent": 0, "maximumPercent": 100,
    }));
    scene.image("broken", broken());
    scene.deploy("broken");
    scene.pass(1.0);
    scene.images.rename("good", "gone");
    scene.image("gone", broken());
    scene.pass(3000.0);
    assert_eq!(scene.status(), "ROLLBACK_FAILED");
    assert_eq!(scene.deployments()[0].split(' ').nth(1), Some("FAILED"));
}

#[test]
fn a_deployment_that_fails_during_a_rollback_has_nothing_to_go_back_to() {
    let mut scene = Scene::steady(json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true}, "minimumHealthyPercent": 0, "maximumPercent": 100,
    }));
    scene.image("broken", broken());
    scene.deploy("broken");
    assert!(scene.pass_until(900.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    scene.deploy("broken");
    assert_eq!(scene.described(1)["status"], "ROLLBACK_FAILED");
    scene.pass(900.0);
    assert_eq!(scene.newest()["statusReason"], "No rollback candidate was found to run the rollback.");
}

#[test]
fn a_rollback_takes_its_time_even_if_no_old_task_was_stopped() {
    let mut scene = Scene::steady(breaker(true));
    scene.image("broken", broken());
    scene.deploy("broken");
    assert!(scene.pass_until(900.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 2/2", "ACTIVE FAILED 0/0"]);
    scene.pass(19.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 2/2"]);
    scene.pass(1.1);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
}

#[test]
fn a_rollback_starts_old_tasks_again_that_were_stopped() {
    let mut scene = Scene::new();
    let configuration = json!({
        "deploymentCircuitBreaker": {"enable": true, "rollback": true}, "minimumHealthyPercent": 50, "maximumPercent": 100,
    });
    scene.seed(4, configuration, Map::new());
    scene.image("broken", broken());
    scene.deploy("broken");
    assert!(scene.pass_until(900.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    assert_eq!(scene.deployments()[0], "PRIMARY IN_PROGRESS 2/4");
    scene.pass(59.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
    scene.pass(2.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 4/4"]);
}

/// What `StopServiceDeployment` makes of a deployment in this status.
#[track_caller]
fn check_stop(status: &str, configuration: serde_json::Value, image: &str, becomes: &str) {
    let mut scene = Scene::steady(configuration);
    scene.image("broken", broken());
    scene.deploy(image);
    let reached = |scene: &mut Scene| scene.status() == status;
    assert!(scene.pass_until(1800.0, reached), "{status} was never reached");
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    let asked = scene.ecs.call("StopServiceDeployment", &json!({"serviceDeploymentArn": arn}), scene.now);
    let found = asked.map_or_else(|error| error.code, |_| scene.status());
    assert_eq!(found, becomes);
}

#[test]
fn stopping_is_answered_in_every_status() {
    check_stop("PENDING", json!({}), "better", "ROLLBACK_REQUESTED");
    check_stop("IN_PROGRESS", json!({}), "better", "ROLLBACK_REQUESTED");
    check_stop("STOP_REQUESTED", breaker(false), "broken", "STOP_REQUESTED");
    check_stop("ROLLBACK_IN_PROGRESS", breaker(true), "broken", "ROLLBACK_IN_PROGRESS");
    check_stop("SUCCESSFUL", json!({}), "better", "ConflictException");
    check_stop("STOPPED", breaker(false), "broken", "ConflictException");
    check_stop("ROLLBACK_SUCCESSFUL", breaker(true), "broken", "ConflictException");
}
