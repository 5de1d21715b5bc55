//! Rollouts that others have timed on real accounts, reproduced with settings alone.

use serde_json::{Map, Value, json};

use super::scene::{Scene, balanced, breaker, crashing, silent};
use crate::{
    ecs::{
        Knobs,
        knobs::{AnswerEdit, RollbackId},
    },
    image::Behaviour,
};

/// When the newest deployment's failed tasks became 1, 2 and 3, and when the rollback began, in seconds after the update.
fn failures(scene: &mut Scene, image: &str) -> Vec<i64> {
    scene.deploy(image);
    let began = scene.now;
    let mut times = Vec::new();
    scene.pass_until(3600.0, |scene| {
        let failures = scene.newest()["deploymentCircuitBreaker"]["failureCount"].as_u64().unwrap();
        let rolls_back = scene.status() == "ROLLBACK_IN_PROGRESS";
        let steps = usize::try_from(failures).unwrap() + usize::from(rolls_back);
        while times.len() < steps {
            times.push(scene.now.duration_since(began).as_secs());
        }
        rolls_back
    });
    times
}

#[track_caller]
fn check_near(times: &[i64], measured: &[i64], tolerance: i64) {
    assert_eq!(times.len(), measured.len(), "{times:?}");
    let off = times.iter().zip(measured).find(|(time, measured)| (*time - *measured).abs() > tolerance);
    assert!(off.is_none(), "{times:?} is not {measured:?}");
}

#[test]
fn an_unpullable_image_fails_three_times_in_eleven_minutes() {
    let mut scene = Scene::with(Knobs { task_start: 160.0, backoff_start: 100.0, ..Knobs::default() });
    scene.seed(1, breaker(true), Map::new());
    let times = failures(&mut scene, "nowhere");
    check_near(&times, &[154, 286, 660, 704], 60);
}

#[test]
fn an_unpullable_image_may_never_trip_the_breaker() {
    let mut scene =
        Scene::with(Knobs { backoff_start: 105.0, backoff_max: 3600.0, digest_attempts: 0, ..Knobs::default() });
    let configuration = json!({"deploymentCircuitBreaker": {
        "enable": true, "rollback": true, "thresholdConfiguration": {"type": "COUNT", "value": 10},
    }});
    scene.seed(1, configuration, Map::new());
    scene.deploy("nowhere");
    scene.pass(17.0 * 60.0);
    assert_eq!((scene.status().as_str(), scene.deployments()[1].as_str()), ("IN_PROGRESS", "ACTIVE COMPLETED 1/1"));
}

#[test]
fn failing_load_balancer_checks_take_fifteen_minutes_to_trip_and_the_site_never_goes_down() {
    let mut members = balanced();
    members.insert("healthCheckGracePeriodSeconds".to_owned(), json!(60));
    let mut scene = Scene::with(Knobs { task_start: 60.0, target_unhealthy: 230.0, drain: 120.0, ..Knobs::default() });
    scene.seed(1, breaker(true), members);
    scene.image("silent", silent());
    let times = failures(&mut scene, "silent");
    check_near(&times, &[230, 570, 900, 935], 70);
    let targets = scene.ecs.targets("prod", "web", scene.now);
    assert!(targets.iter().any(|target| target.in_service), "the old task serves all the time");
}

#[test]
fn a_crash_loop_without_health_checks_goes_on_for_hours_and_its_counter_stays_low() {
    let mut scene = Scene::steady(breaker(true));
    scene.image("crashing", crashing());
    scene.deploy("crashing");
    scene.pass(3600.0);
    assert_eq!(
        (scene.status().as_str(), &scene.newest()["deploymentCircuitBreaker"]["failureCount"]),
        ("IN_PROGRESS", &json!(0))
    );
    assert_eq!(scene.stopped_tasks().len(), 100, "a full page");
}

#[test]
fn a_crash_loop_that_is_healthy_for_a_moment_resets_the_counter() {
    let mut scene = Scene::with(Knobs { count_running_exit: true, ..Knobs::default() });
    scene.seed(2, breaker(true), balanced());
    let exits = Behaviour { healthy_after: Some(20.0), exit_after: Some(21.0), exit_code: 1, ..Behaviour::default() };
    scene.image("flapping", exits);
    // One task at a time becomes healthy, so that the goal is never reached.
    let update = json!({"cluster": "prod", "service": "web", "deploymentConfiguration": {"maximumPercent": 150}});
    scene.call("UpdateService", update);
    scene.deploy("flapping");
    scene.pass(3600.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
}

#[test]
fn one_running_count_equals_the_desired_one_while_the_rollout_is_still_in_progress() {
    let mut scene = Scene::with(Knobs { drain: 300.0, ..Knobs::default() });
    scene.seed(2, json!({}), balanced());
    scene.deploy("better");
    assert!(scene.pass_until(300.0, |scene| scene.status() == "SUCCESSFUL"));
    let service = scene.service();
    assert_eq!(
        (&service["runningCount"], &service["deployments"][0]["rolloutState"]),
        (&json!(2), &json!("IN_PROGRESS"))
    );
    assert_eq!(service["deployments"].as_array().unwrap().len(), 2);
    scene.pass(310.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn a_rollback_under_a_new_id_with_the_words_of_the_drill() {
    let mut scene = Scene::with(Knobs { rollback_id: RollbackId::New, ..Knobs::default() });
    scene.seed(2, breaker(true), Map::new());
    scene.image("broken", super::scene::broken());
    scene.deploy("broken");
    assert!(scene.pass_until(900.0, |scene| scene.status() == "ROLLBACK_IN_PROGRESS"));
    let primary = scene.service()["deployments"][0].clone();
    let reason =
        format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", primary["id"].as_str().unwrap());
    assert_eq!(
        (&primary["rolloutState"], &primary["rolloutStateReason"]),
        (&json!("IN_PROGRESS"), &Value::from(reason))
    );
}

#[test]
fn a_service_without_rollout_states_is_one_behind_a_classic_load_balancer() {
    let hidden = |member: &str| AnswerEdit {
        operation: "*".to_owned(),
        member: member.to_owned(),
        only: None,
        value: None,
        on: Vec::new(),
    };
    let answers = vec![hidden("rolloutState"), hidden("rolloutStateReason")];
    let mut scene = Scene::with(Knobs { answers, ..Knobs::default() });
    scene.seed(1, json!({}), Map::new());
    let answered = scene.deploy("better");
    assert!(answered["deployments"].as_array().unwrap().iter().all(|item| item.get("rolloutState").is_none()));
}
