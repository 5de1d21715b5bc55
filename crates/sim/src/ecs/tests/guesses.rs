//! Every guess about AWS that is a setting, on both sides; those of lags and ids are in `settings`.

use serde_json::{Map, Value, json};

use super::scene::{Scene, balanced, breaker, broken};
use crate::ecs::{
    Knobs,
    knobs::{GivenUpStatus, PrimaryDesired, Repeated, Texts},
};

/// A service whose new deployment was given up a moment ago; it drains behind a load balancer.
fn given_up(knobs: Knobs) -> Scene {
    let mut scene = Scene::with(Knobs { count_running_exit: true, ..knobs });
    scene.seed(2, breaker(true), balanced());
    scene.image("silent", super::scene::silent());
    scene.deploy("silent");
    assert!(scene.pass_until(1800.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    scene
}

#[test]
fn a_deployment_that_was_given_up_reads_as_active_or_draining() {
    for (given_up_status, expected) in [(GivenUpStatus::Active, "ACTIVE"), (GivenUpStatus::Draining, "DRAINING")] {
        let mut scene = given_up(Knobs { given_up_status, ..Knobs::default() });
        let shown = scene.service()["deployments"][1].clone();
        assert_eq!((&shown["status"], &shown["rolloutState"]), (&json!(expected), &json!("FAILED")));
    }
}

#[test]
fn a_deployment_that_was_given_up_can_read_as_in_progress_for_a_while() {
    let mut scene = given_up(Knobs { given_up_shown_after: 5.0, ..Knobs::default() });
    let state = |scene: &mut Scene| scene.service()["deployments"][1]["rolloutState"].clone();
    assert_eq!(state(&mut scene), "IN_PROGRESS");
    scene.pass(5.0);
    assert_eq!(state(&mut scene), "FAILED");
    assert_eq!(state(&mut given_up(Knobs::default())), "FAILED");
}

#[test]
fn the_desired_count_of_a_new_deployment_is_whole_or_steps() {
    for (primary_desired, expected) in [(PrimaryDesired::Whole, 4), (PrimaryDesired::Stepped, 2)] {
        let mut scene = Scene::with(Knobs { primary_desired, ..Knobs::default() });
        scene.seed(4, json!({"maximumPercent": 150}), Map::new());
        scene.deploy("better");
        scene.pass(1.0);
        assert_eq!(scene.service()["deployments"][0]["desiredCount"], expected);
    }
}

#[test]
fn an_inactive_task_definition_may_be_deployed_for_a_while() {
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    for (lag, accepted) in [(0.0, false), (600.0, true)] {
        let mut scene = Scene::with(Knobs { inactive_enforced_after: lag, ..Knobs::default() });
        scene.seed(2, json!({}), Map::new());
        let arn = scene.register("better");
        scene.call("DeregisterTaskDefinition", json!({"taskDefinition": arn}));
        scene.pass(60.0);
        let update = json!({"cluster": "prod", "service": "web", "taskDefinition": arn});
        assert_eq!(scene.ecs.call("UpdateService", &update, scene.now).is_ok(), accepted);
        scene.pass(600.0);
        let run = json!({"cluster": "prod", "taskDefinition": arn, "networkConfiguration": network});
        let refusal = scene.refusal("RunTask", run);
        assert_eq!(
            (refusal.code.as_str(), refusal.message.as_str()),
            ("InvalidParameterException", "TaskDefinition is inactive")
        );
    }
}

#[test]
fn a_task_definition_is_deregistered_twice_or_refused() {
    for (deregister_twice, accepted) in [(Repeated::Accepted, true), (Repeated::Refused, false)] {
        let mut scene = Scene::with(Knobs { deregister_twice, ..Knobs::default() });
        scene.register("good");
        let input = json!({"taskDefinition": "web:1"});
        scene.call("DeregisterTaskDefinition", input.clone());
        assert_eq!(scene.ecs.call("DeregisterTaskDefinition", &input, scene.now).is_ok(), accepted);
    }
}

#[test]
fn a_pause_is_continued_twice_or_refused() {
    let hook = json!({"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]});
    let configuration = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 60, "lifecycleHooks": [hook]});
    for (continue_twice, accepted) in [(Repeated::Refused, false), (Repeated::Accepted, true)] {
        let mut scene = Scene::with(Knobs { continue_twice, ..Knobs::default() });
        scene.seed(2, configuration.clone(), balanced());
        scene.deploy("better");
        scene.pass(10.0);
        let newest = scene.newest();
        let input = json!({"serviceDeploymentArn": newest["serviceDeploymentArn"], "hookId": newest["lifecycleHookDetails"][0]["hookId"]});
        scene.call("ContinueServiceDeployment", input.clone());
        scene.pass(10.0);
        assert_eq!(scene.ecs.call("ContinueServiceDeployment", &input, scene.now).is_ok(), accepted);
    }
}

#[test]
fn the_texts_that_nobody_has_published_are_settings() {
    let texts = Texts { request_status: "so it is said".to_owned(), ..Texts::default() };
    let mut scene = Scene::with(Knobs { texts, ..Knobs::default() });
    scene.seed(2, json!({}), Map::new());
    scene.deploy("better");
    scene.pass(10.0);
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    scene.call("StopServiceDeployment", json!({"serviceDeploymentArn": arn}));
    scene.pass(10.0);
    assert_eq!(scene.newest()["statusReason"], "so it is said");
    let read: Knobs = serde_json::from_value(json!({"texts": {"alarm-status": "x"}})).unwrap();
    assert_eq!(
        (read.texts.alarm_status.as_str(), read.texts.request_status == Texts::default().request_status),
        ("x", true)
    );
}

#[test]
fn how_long_a_stage_lasts_is_a_setting() {
    for (stage_time, seconds) in [(0.0, 0.0..60.0), (30.0, 240.0..320.0)] {
        let mut scene = Scene::with(Knobs { stage_time, ..Knobs::default() });
        scene.seed(2, json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}), balanced());
        scene.deploy("better");
        let before = scene.now;
        assert!(scene.pass_until(3600.0, |scene| scene.status() == "SUCCESSFUL"));
        let took = scene.now.duration_since(before).as_secs_f64();
        assert!(seconds.contains(&took), "{took}");
    }
}

#[test]
fn the_pause_after_failed_launches_grows_to_its_longest() {
    let mut scene = Scene::with(Knobs { backoff_start: 100.0, backoff_max: 400.0, ..Knobs::default() });
    scene.seed(1, json!({}), Map::new());
    scene.image("broken", broken());
    scene.deploy("broken");
    let failed = |scene: &mut Scene| scene.service()["deployments"][0]["failedTasks"].as_u64().unwrap();
    let mut times = Vec::new();
    scene.pass_until(3000.0, |scene| {
        let number = usize::try_from(failed(scene)).unwrap();
        if number > times.len() {
            times.push(scene.now);
        }
        times.len() == 6
    });
    let pauses: Vec<i64> = times.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs()).collect();
    assert_eq!(pauses, [120, 220, 420, 420, 420], "the pause and a start of twenty seconds");
}

#[test]
fn a_change_of_capacity_providers_demands_a_new_deployment_in_the_same_call() {
    let mut scene = Scene::steady(json!({}));
    let strategy = json!([{"capacityProvider": "FARGATE_SPOT", "weight": 1}]);
    let input = |force: bool| -> Value {
        json!({"cluster": "prod", "service": "web", "capacityProviderStrategy": strategy, "forceNewDeployment": force})
    };
    let refusal = scene.refusal("UpdateService", input(false));
    assert!(refusal.message.ends_with("you must force a new deployment."), "{}", refusal.message);
    let service = scene.call("UpdateService", input(true))["service"].clone();
    assert_eq!((&service["capacityProviderStrategy"], service.get("launchType")), (&strategy, None));
    assert_eq!(service["deployments"].as_array().unwrap().len(), 2);
    scene.call("UpdateService", input(false));
    assert_eq!(scene.deployments().len(), 2);
}

#[test]
fn another_strategy_drops_what_only_the_old_one_has() {
    let mut scene = Scene::steady(json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 50.0}}));
    let update = json!({"cluster": "prod", "service": "web", "deploymentConfiguration": {"strategy": "CANARY"}});
    let configuration = scene.call("UpdateService", update)["service"]["deploymentConfiguration"].clone();
    assert_eq!((&configuration["strategy"], configuration.get("linearConfiguration")), (&json!("CANARY"), None));
}
