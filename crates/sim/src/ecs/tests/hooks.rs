//! Lifecycle hooks: pauses that wait for somebody, and functions that answer.

use serde_json::{Value, json};

use super::scene::{Scene, balanced};
use crate::ecs::{
    Knobs, Stage,
    knobs::{HookOutcome, ScriptedHook},
};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:check";

fn configuration(hook: Value) -> Value {
    json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": [hook]})
}

fn pause(timeout: Value) -> Value {
    configuration(
        json!({"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"], "timeoutConfiguration": timeout}),
    )
}

fn function(stages: &[&str]) -> Value {
    configuration(
        json!({"hookTargetArn": FUNCTION, "roleArn": "arn:aws:iam::111122223333:role/r", "lifecycleStages": stages}),
    )
}

fn deployed(knobs: Knobs, configuration: Value) -> Scene {
    let mut scene = Scene::with(knobs);
    scene.seed(2, configuration, balanced());
    scene.deploy("better");
    scene
}

fn hook(scene: &mut Scene) -> Value {
    scene.newest()["lifecycleHookDetails"][0].clone()
}

fn paused(timeout: Value) -> Scene {
    let mut scene = deployed(Knobs::default(), pause(timeout));
    assert!(scene.pass_until(600.0, |scene| hook(scene)["status"] == "AWAITING_ACTION"));
    scene
}

fn act(scene: &mut Scene, action: Option<&str>) -> Value {
    let mut input =
        json!({"serviceDeploymentArn": scene.newest()["serviceDeploymentArn"], "hookId": hook(scene)["hookId"]});
    if let Some(action) = action {
        input["action"] = action.into();
    }
    input
}

#[test]
fn a_pause_waits_until_somebody_continues() {
    let mut scene = paused(json!({}));
    let shown = hook(&mut scene);
    assert_eq!(
        (&shown["targetType"], &shown["timeoutAction"], shown.get("targetArn")),
        (&json!("PAUSE"), &json!("ROLLBACK"), None)
    );
    scene.pass(43_200.0);
    assert_eq!(
        (scene.status().as_str(), hook(&mut scene)["status"].as_str()),
        ("IN_PROGRESS", Some("AWAITING_ACTION"))
    );
    assert_eq!(scene.newest()["lifecycleStage"], "POST_TEST_TRAFFIC_SHIFT");
    let input = act(&mut scene, None);
    let answer = scene.call("ContinueServiceDeployment", input);
    assert_eq!(answer["serviceDeploymentArn"], scene.newest()["serviceDeploymentArn"]);
    scene.pass(0.0);
    assert_eq!(hook(&mut scene)["status"], "SUCCEEDED");
    scene.pass(300.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
}

#[test]
fn a_pause_can_end_in_a_rollback() {
    let mut scene = paused(json!({}));
    let input = act(&mut scene, Some("ROLLBACK"));
    scene.call("ContinueServiceDeployment", input);
    scene.pass(1.0);
    assert_eq!(
        (scene.status().as_str(), hook(&mut scene)["status"].as_str()),
        ("ROLLBACK_IN_PROGRESS", Some("FAILED"))
    );
    scene.pass(300.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
}

#[test]
fn a_pause_that_nobody_ends_times_out_in_the_way_it_says() {
    for (action, expected) in [("CONTINUE", "SUCCESSFUL"), ("ROLLBACK", "ROLLBACK_SUCCESSFUL")] {
        let mut scene = paused(json!({"timeoutInMinutes": 30, "action": action}));
        let expires = hook(&mut scene)["expiresAt"].as_f64().unwrap();
        assert!((expires - scene.now.as_duration().as_secs_f64() - 1800.0).abs() < 1.0);
        scene.pass(1799.0);
        assert_eq!(hook(&mut scene)["status"], "AWAITING_ACTION");
        scene.pass(2.0);
        assert_eq!(hook(&mut scene)["status"], "TIMED_OUT");
        scene.pass(600.0);
        assert_eq!(scene.status(), expected);
    }
}

#[test]
fn a_pause_may_last_for_days() {
    let mut scene = paused(json!({"timeoutInMinutes": 20_160}));
    scene.pass(13.0 * 86_400.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
}

#[test]
fn only_a_pause_that_waits_can_be_continued_and_only_once() {
    let mut scene = paused(json!({}));
    let input = act(&mut scene, None);
    let mut other = input.clone();
    other["hookId"] = json!("none");
    assert_eq!(scene.refusal("ContinueServiceDeployment", other).code, "InvalidParameterException");
    scene.call("ContinueServiceDeployment", input.clone());
    assert_eq!(scene.refusal("ContinueServiceDeployment", input.clone()).code, "InvalidParameterException");
    let unknown = json!({"serviceDeploymentArn": "arn:none", "hookId": "none"});
    assert_eq!(scene.refusal("ContinueServiceDeployment", unknown).code, "ServiceDeploymentNotFoundException");
    scene.pass(600.0);
    assert_eq!(scene.refusal("ContinueServiceDeployment", input).code, "InvalidParameterException");
}

#[track_caller]
fn check_answer(outcome: HookOutcome, words: &str) {
    let scripted = ScriptedHook { function: ":check".to_owned(), stage: Some(Stage::PreScaleUp), outcome, after: 5.0 };
    let mut scene = deployed(Knobs { hooks: vec![scripted], ..Knobs::default() }, function(&["PRE_SCALE_UP"]));
    scene.pass(4.0);
    assert_eq!(
        (&hook(&mut scene)["status"], &hook(&mut scene)["targetArn"]),
        (&json!("IN_PROGRESS"), &json!(FUNCTION))
    );
    scene.pass(600.0);
    let newest = scene.newest();
    assert_eq!(newest["status"], "ROLLBACK_SUCCESSFUL");
    let reason = newest["statusReason"].as_str().unwrap();
    assert!(
        reason.starts_with("Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed. "),
        "{reason}"
    );
    assert!(reason.contains(words), "{reason}");
    let told = format!("(service web) deployment failed: {reason}");
    assert!(scene.messages().contains(&told));
}

#[test]
fn a_function_that_does_not_succeed_rolls_the_deployment_back() {
    check_answer(HookOutcome::Failed, &format!("Lifecycle hook target {FUNCTION} returned FAILED status."));
    check_answer(HookOutcome::CannotInvoke, "ECS was unable to invoke hook target");
    check_answer(HookOutcome::CannotAssumeRole, "ECS was unable to assume role");
    check_answer(HookOutcome::NoStatus, "due to HookStatus must not be null");
}

#[test]
fn a_function_of_which_nothing_is_said_succeeds_at_every_step() {
    let mut linear = function(&["PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]);
    linear["strategy"] = json!("LINEAR");
    linear["linearConfiguration"] = json!({"stepPercent": 50.0, "stepBakeTimeInMinutes": 1});
    let mut scene = deployed(Knobs::default(), linear);
    scene.pass(1200.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    let hooks = scene.newest()["lifecycleHookDetails"].clone();
    assert_eq!(hooks.as_array().unwrap().len(), 4);
    assert!(hooks.as_array().unwrap().iter().all(|hook| hook["status"] == "SUCCEEDED"));
}

#[test]
fn a_function_that_never_answers_times_out() {
    let scripted = ScriptedHook { function: "*".to_owned(), stage: None, outcome: HookOutcome::Never, after: 0.0 };
    let mut scene = deployed(Knobs { hooks: vec![scripted], ..Knobs::default() }, function(&["POST_SCALE_UP"]));
    scene.pass(86_000.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
    scene.pass(900.0);
    assert_eq!(
        (scene.status().as_str(), hook(&mut scene)["status"].as_str()),
        ("ROLLBACK_SUCCESSFUL", Some("TIMED_OUT"))
    );
}

#[test]
fn hooks_and_strategies_that_cannot_work_are_refused() {
    let mut scene = Scene::steady(json!({}));
    let mut check = |configuration: Value, words: &str| {
        let input = json!({"cluster": "prod", "service": "web", "deploymentConfiguration": configuration});
        let refusal = scene.refusal("UpdateService", input);
        assert_eq!(refusal.code, "InvalidParameterException");
        assert!(refusal.message.contains(words), "{}", refusal.message);
    };
    check(json!({"strategy": "BLUE_GREEN"}), "bakeTimeInMinutes");
    check(json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.0}}), "stepPercent");
    check(json!({"strategy": "LINEAR", "canaryConfiguration": {}}), "canaryConfiguration");
    check(
        json!({"strategy": "CANARY", "canaryConfiguration": {"canaryBakeTimeInMinutes": 1441}}),
        "canaryBakeTimeInMinutes",
    );
    check(configuration(json!({"targetType": "PAUSE", "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"]})), "PAUSE");
    check(configuration(json!({"lifecycleStages": ["PRE_SCALE_UP"]})), "hookTargetArn");
    check(configuration(json!({"targetType": "PAUSE"})), "lifecycleStages");
    check(pause(json!({"timeoutInMinutes": 20_161})), "timeoutInMinutes");
    check(json!({"earlySuccessCriteria": {"enable": true}}), "healthyPercent");
}
