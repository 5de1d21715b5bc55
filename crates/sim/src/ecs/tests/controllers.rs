//! Services whose deployments somebody else makes: AWS's state sequence (i).

use serde_json::{Value, json};

use super::scene::{Scene, definition};
use crate::ecs::{Knobs, knobs::OtherControllers};

fn scene(controller: &str, knobs: Knobs) -> Scene {
    let mut scene = Scene::with(knobs);
    scene.call("RegisterTaskDefinition", definition("web", "good"));
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let input = json!({
        "cluster": "prod", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
        "networkConfiguration": network, "deploymentController": {"type": controller},
    });
    scene.call("CreateService", input);
    scene
}

fn set(scene: &mut Scene) -> Value {
    scene.service()["taskSets"][0].clone()
}

#[test]
fn they_show_a_task_set_in_place_of_deployments_and_run_tasks() {
    for (controller, started_by) in [("CODE_DEPLOY", json!("CODE_DEPLOY")), ("EXTERNAL", Value::Null)] {
        let mut scene = scene(controller, Knobs::default());
        let service = scene.service();
        assert_eq!(
            (&service["deployments"], &service["deploymentController"]["type"]),
            (&json!([]), &json!(controller))
        );
        assert_eq!(
            (&set(&mut scene)["stabilityStatus"], &set(&mut scene)["status"]),
            (&json!("STABILIZING"), &json!("PRIMARY"))
        );
        scene.pass(120.0);
        let set = set(&mut scene);
        assert_eq!((&set["runningCount"], &set["computedDesiredCount"]), (&json!(2), &json!(2)));
        assert_eq!((&set["stabilityStatus"], &set["startedBy"]), (&json!("STEADY_STATE"), &started_by));
        assert_eq!(scene.service()["runningCount"], 2);
    }
}

#[test]
fn they_can_be_scaled() {
    let mut scene = scene("CODE_DEPLOY", Knobs::default());
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 3}));
    scene.pass(120.0);
    assert_eq!(set(&mut scene)["runningCount"], 3);
}

#[track_caller]
fn check_refusal(controller: &str, member: &str, value: Value, words: &str) {
    let mut scene = scene(controller, Knobs::default());
    let refusal = scene.refusal("UpdateService", json!({"cluster": "prod", "service": "web", member: value}));
    assert_eq!(refusal.code, "InvalidParameterException");
    assert_eq!(refusal.message, words);
}

#[test]
fn what_would_make_a_deployment_is_refused_in_the_words_of_aws() {
    check_refusal(
        "CODE_DEPLOY",
        "taskDefinition",
        json!("web:1"),
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
    );
    check_refusal(
        "CODE_DEPLOY",
        "forceNewDeployment",
        json!(true),
        "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.",
    );
    check_refusal(
        "EXTERNAL",
        "networkConfiguration",
        json!({"awsvpcConfiguration": {"subnets": ["subnet-2"]}}),
        "Unable to update network parameters on services with an EXTERNAL deployment controller.",
    );
}

#[test]
fn service_deployments_are_unsupported_or_none() {
    let input = json!({"cluster": "prod", "service": "web"});
    let mut refusing = scene("CODE_DEPLOY", Knobs::default());
    assert_eq!(refusing.refusal("ListServiceDeployments", input.clone()).code, "UnsupportedFeatureException");
    let mut empty = scene("CODE_DEPLOY", Knobs { other_controllers: OtherControllers::Empty, ..Knobs::default() });
    assert_eq!(empty.call("ListServiceDeployments", input)["serviceDeployments"], json!([]));
}
