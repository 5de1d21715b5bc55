//! Throttling, reads that go backwards, services that are missing for a moment, strange members.

use serde_json::{Map, Value, json};

use super::scene::Scene;
use crate::ecs::{Knobs, knobs::AnswerEdit};

fn steady(knobs: Knobs) -> Scene {
    let mut scene = Scene::with(knobs);
    scene.seed(2, json!({}), Map::new());
    scene
}

fn describe(scene: &mut Scene) -> Value {
    scene.call("DescribeServices", json!({"cluster": "prod", "services": ["web"]}))
}

#[test]
fn calls_beyond_the_bucket_are_throttled_until_time_fills_it() {
    for (throttle, expected) in [(true, 100), (false, 200)] {
        let mut scene = steady(Knobs { throttle, ..Knobs::default() });
        let input = json!({"cluster": "prod", "services": ["web"]});
        let accepted = |scene: &mut Scene| {
            (0..200).filter(|_| scene.ecs.call("DescribeServices", &input, scene.now).is_ok()).count()
        };
        assert_eq!(accepted(&mut scene), expected);
        scene.pass(2.0);
        assert_eq!(accepted(&mut scene), if throttle { 40 } else { 200 });
    }
}

#[test]
fn a_throttled_call_changes_nothing() {
    let mut scene = steady(Knobs { throttle: true, ..Knobs::default() });
    let arn = scene.register("better");
    let update = json!({"cluster": "prod", "service": "web", "desiredCount": 2});
    for _ in 0..50 {
        scene.call("UpdateService", update.clone());
    }
    let deploy = json!({"cluster": "prod", "service": "web", "taskDefinition": arn});
    let refusal = scene.refusal("UpdateService", deploy);
    assert_eq!(
        (refusal.status, refusal.code.as_str(), refusal.message.as_str()),
        (400, "ThrottlingException", "Rate exceeded")
    );
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn reads_can_go_backwards() {
    let mut scene = steady(Knobs { describe_services_lags: vec![0.0, 10.0], ..Knobs::default() });
    scene.pass(1.0);
    scene.deploy("better");
    scene.pass(5.0);
    let number = |scene: &mut Scene| describe(scene)["services"][0]["deployments"].as_array().unwrap().len();
    assert_eq!([number(&mut scene), number(&mut scene), number(&mut scene), number(&mut scene)], [2, 1, 2, 1]);
}

#[test]
fn a_service_can_be_missing_for_a_call() {
    let mut scene = steady(Knobs { missing_services: vec![2], ..Knobs::default() });
    assert_eq!(describe(&mut scene)["failures"], json!([]));
    let missing = describe(&mut scene);
    assert_eq!(missing["services"], json!([]));
    assert_eq!(
        missing["failures"],
        json!([{"arn": "arn:aws:ecs:eu-west-1:111122223333:service/prod/web", "reason": "MISSING"}])
    );
    assert_eq!(describe(&mut scene)["failures"], json!([]));
}

#[test]
fn members_can_be_absent_or_strange() {
    let edit = |operation: &str, member: &str, only: Option<Value>, value: Option<Value>, on: Vec<u64>| AnswerEdit {
        operation: operation.to_owned(),
        member: member.to_owned(),
        only,
        value,
        on,
    };
    let answers = vec![
        edit("DescribeServices", "rolloutState", None, None, Vec::new()),
        edit("*", "currentServiceDeployment", None, None, vec![1]),
        edit("DescribeServiceDeployments", "status", Some(json!("SUCCESSFUL")), Some(json!("QUANTUM")), Vec::new()),
    ];
    let mut scene = steady(Knobs { answers, ..Knobs::default() });
    let first = describe(&mut scene)["services"][0].clone();
    assert_eq!((first["deployments"][0].get("rolloutState"), first.get("currentServiceDeployment")), (None, None));
    assert!(describe(&mut scene)["services"][0]["currentServiceDeployment"].is_string());
    assert_eq!(scene.status(), "QUANTUM");
    scene.deploy("better");
    scene.pass(1.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
}
