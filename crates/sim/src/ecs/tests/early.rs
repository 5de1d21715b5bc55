//! Success before the end: early success criteria, nothing wanted, and images that cannot be pulled.

use serde_json::{Map, Value, json};

use super::scene::{Scene, breaker, broken};
use crate::{ecs::Knobs, image::Behaviour};

fn early(percent: u32, cleanup: &str) -> Value {
    json!({
        "minimumHealthyPercent": 50, "maximumPercent": 150,
        "earlySuccessCriteria": {"enable": true, "healthyPercent": percent, "sourceServiceRevisionCleanup": cleanup},
    })
}

/// Four tasks, of which two at a time are replaced.
fn deployed(configuration: Value) -> Scene {
    let mut scene = Scene::new();
    scene.seed(4, configuration, Map::new());
    scene.deploy("better");
    scene
}

#[test]
fn enough_healthy_tasks_are_a_success_once_the_old_ones_are_gone() {
    let mut scene = deployed(early(50, "BLOCKING"));
    assert!(scene.pass_until(900.0, |scene| scene.status() == "SUCCESSFUL"));
    let service = scene.service();
    assert_eq!(service["deployments"][0]["rolloutState"], "IN_PROGRESS");
    assert_eq!(service["deployments"][1]["desiredCount"], 0);
    scene.pass(600.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 4/4"]);
}

#[test]
fn deferred_cleanup_leaves_old_tasks_after_the_success() {
    let mut scene = deployed(early(50, "DEFERRED"));
    assert!(scene.pass_until(900.0, |scene| scene.status() == "SUCCESSFUL"));
    scene.pass(590.0);
    assert_eq!(scene.deployments().len(), 2, "old tasks stay for ten minutes");
    assert_eq!(scene.status(), "SUCCESSFUL");
    scene.pass(200.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 4/4"]);
}

#[test]
fn after_an_early_success_the_circuit_breaker_is_over() {
    let mut configuration = early(50, "DEFERRED");
    configuration["deploymentCircuitBreaker"] = json!({"enable": true, "rollback": true, "resetOnHealthyTask": false});
    let mut scene = Scene::new();
    scene.seed(4, configuration, super::scene::balanced());
    scene.image("flaky", Behaviour { unhealthy_after: Some(60.0), ..Behaviour::default() });
    scene.deploy("flaky");
    assert!(scene.pass_until(900.0, |scene| scene.status() == "SUCCESSFUL"));
    scene.pass(1800.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    assert_eq!(scene.refusal("StopServiceDeployment", json!({"serviceDeploymentArn": arn})).code, "ConflictException");
}

#[test]
fn nothing_wanted_is_a_success_that_proves_nothing() {
    let mut scene = Scene::new();
    scene.seed(0, breaker(true), Map::new());
    scene.image("broken", broken());
    let deployed = scene.deploy("broken");
    scene.pass(10.0);
    let newest = scene.newest();
    assert_eq!(
        (&newest["status"], &newest["deploymentCircuitBreaker"]["threshold"]),
        (&json!("SUCCESSFUL"), &json!(3))
    );
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 0/0"]);
    assert_eq!(scene.service()["taskDefinition"], deployed["taskDefinition"]);
    let revision = scene
        .call("DescribeServiceRevisions", json!({"serviceRevisionArns": [newest["targetServiceRevision"]["arn"]]}));
    assert_eq!(
        revision["serviceRevisions"][0]["containerImages"],
        json!([{"containerName": "app", "image": "broken"}])
    );
}

fn unpullable(knobs: Knobs, threshold: u32) -> Scene {
    let configuration = json!({"deploymentCircuitBreaker": {
        "enable": true, "rollback": true, "thresholdConfiguration": {"type": "COUNT", "value": threshold},
    }});
    let mut scene = Scene::with(knobs);
    scene.seed(1, configuration, Map::new());
    scene.deploy("nowhere");
    scene.pass(3600.0);
    scene
}

#[test]
fn an_image_that_three_tasks_could_not_pull_fails_the_deployment_whatever_the_threshold() {
    let mut scene = unpullable(Knobs::default(), 20);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.newest()["deploymentCircuitBreaker"]["failureCount"], 3);
    let told = |message: &&String| message.contains("was unable to place a task. Reason: CannotPullContainerError: ");
    assert_eq!(scene.messages().iter().filter(told).count(), 3);
    let mut scene = unpullable(Knobs { digest_attempts: 0, ..Knobs::default() }, 20);
    assert_eq!(scene.status(), "IN_PROGRESS");
}

#[test]
fn the_bounds_of_the_threshold_are_settings() {
    let mut scene = Scene::with(Knobs { breaker_least: 10, ..Knobs::default() });
    scene.seed(2, breaker(true), Map::new());
    scene.deploy("better");
    assert_eq!(scene.newest()["deploymentCircuitBreaker"]["threshold"], 10);
}
