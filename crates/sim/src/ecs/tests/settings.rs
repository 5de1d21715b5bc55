//! Settings that change what a client sees: lags, ids, when things vanish.

use serde_json::{Map, json};

use super::scene::{Scene, definition};
use crate::ecs::{
    Knobs,
    knobs::{UnknownMembers, UpdatedConfiguration},
};

fn steady(knobs: Knobs) -> Scene {
    let mut scene = Scene::with(knobs);
    scene.seed(2, json!({}), Map::new());
    scene
}

#[test]
fn the_settings_are_read_from_kebab_case_and_unknown_ones_are_refused() {
    let knobs: Knobs = serde_json::from_value(json!({"task-start": 3, "rollback-id": "new"})).unwrap();
    assert!((knobs.task_start - 3.0).abs() < f64::EPSILON);
    assert!(serde_json::from_value::<Knobs>(json!({"task-strat": 3})).is_err());
}

#[test]
fn a_list_of_service_deployments_can_lag_behind() {
    let mut scene = steady(Knobs { service_deployments_lag: 10.0, ..Knobs::default() });
    scene.pass(1.0);
    scene.deploy("better");
    let number = |scene: &mut Scene| {
        scene.call("ListServiceDeployments", json!({"cluster": "prod", "service": "web"}))["serviceDeployments"]
            .as_array()
            .unwrap()
            .len()
    };
    scene.pass(9.0);
    assert_eq!(number(&mut scene), 1);
    assert_eq!(scene.deployments().len(), 2);
    scene.pass(1.1);
    assert_eq!(number(&mut scene), 2);
}

#[test]
fn a_described_service_can_lag_behind() {
    let mut scene = steady(Knobs { describe_services_lag: 5.0, ..Knobs::default() });
    scene.pass(1.0);
    let answered = scene.deploy("better");
    assert_eq!(answered["deployments"].as_array().unwrap().len(), 2);
    assert_eq!(scene.deployments().len(), 1);
    scene.pass(5.0);
    assert_eq!(scene.deployments().len(), 2);
}

#[test]
fn described_tasks_can_lag_behind() {
    let mut scene = steady(Knobs { tasks_lag: 5.0, ..Knobs::default() });
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let answer =
        scene.call("RunTask", json!({"cluster": "prod", "taskDefinition": "web", "networkConfiguration": network}));
    let arn = answer["tasks"][0]["taskArn"].clone();
    let described = |scene: &mut Scene| scene.call("DescribeTasks", json!({"cluster": "prod", "tasks": [arn]}));
    assert_eq!(described(&mut scene)["failures"][0]["reason"], "MISSING");
    scene.pass(5.0);
    assert_eq!(described(&mut scene)["failures"], json!([]));
}

#[test]
fn whether_the_answer_to_an_update_names_the_new_service_deployment_is_a_setting() {
    for own in [true, false] {
        let mut scene = steady(Knobs { update_shows_own_deployment: own, ..Knobs::default() });
        let old = scene.service()["currentServiceDeployment"].clone();
        assert!(old.is_string());
        let answered = scene.deploy("better");
        assert_eq!(answered["currentServiceDeployment"] != old, own);
        scene.pass(1.0);
        let newest = scene.newest()["serviceDeploymentArn"].clone();
        assert_eq!(scene.service()["currentServiceDeployment"], newest);
    }
}

#[test]
fn replaced_deployments_can_stay_for_a_while() {
    let mut scene = steady(Knobs { inactive_deployments_stay: 60.0, ..Knobs::default() });
    scene.deploy("better");
    assert!(
        scene.pass_until(300.0, |scene| scene.deployments() == ["PRIMARY COMPLETED 2/2", "INACTIVE COMPLETED 0/0"])
    );
    scene.pass(61.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn an_updated_configuration_is_merged_or_replaced() {
    for (mode, expected) in [(UpdatedConfiguration::Merge, 50), (UpdatedConfiguration::Replace, 100)] {
        let mut scene = Scene::with(Knobs { deployment_configuration: mode, ..Knobs::default() });
        scene.seed(2, json!({"minimumHealthyPercent": 50}), Map::new());
        scene.call(
            "UpdateService",
            json!({"cluster": "prod", "service": "web", "deploymentConfiguration": {"maximumPercent": 150}}),
        );
        let configuration = scene.service()["deploymentConfiguration"].clone();
        assert_eq!(
            (configuration["minimumHealthyPercent"].as_i64(), configuration["maximumPercent"].as_i64()),
            (Some(expected), Some(150))
        );
    }
}

#[test]
fn members_that_the_model_does_not_have_can_survive() {
    let mut newer = definition("web", "good");
    newer["containerDefinitions"][0]["quantumConfiguration"] = json!({"qubits": 3});
    newer["placementHint"] = json!("moon");
    let mut scene = Scene::new();
    assert_eq!(scene.refusal("RegisterTaskDefinition", newer.clone()).code, "InvalidParameterException");
    let mut scene = Scene::with(Knobs { unknown_members: UnknownMembers::Keep, ..Knobs::default() });
    scene.call("RegisterTaskDefinition", newer);
    let described = scene.call("DescribeTaskDefinition", json!({"taskDefinition": "web"}))["taskDefinition"].clone();
    assert_eq!(described["containerDefinitions"][0]["quantumConfiguration"], json!({"qubits": 3}));
    assert_eq!(described["placementHint"], "moon");
}
