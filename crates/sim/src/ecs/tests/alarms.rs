//! Deployments that alarms watch: AWS's state sequence (d).

use serde_json::{Map, Value, json};

use super::scene::{Scene, digits};
use crate::{
    ecs::{Knobs, knobs::Texts},
    world::AlarmState,
};

fn configuration(rollback: bool) -> Value {
    json!({"alarms": {"alarmNames": ["errors", "latency"], "enable": true, "rollback": rollback}})
}

fn deployed(configuration: Value) -> Scene {
    let mut scene = Scene::steady(configuration);
    scene.alarm("errors", AlarmState::Ok);
    scene.deploy("better");
    scene
}

fn alarms(scene: &mut Scene) -> Value {
    scene.newest()["alarms"].clone()
}

#[test]
fn an_alarm_during_the_rollout_rolls_it_back_within_twenty_seconds() {
    let mut scene = deployed(configuration(true));
    let old = scene.service()["deployments"][1]["id"].clone();
    let new = scene.service()["deployments"][0]["id"].clone();
    scene.pass(30.0);
    assert_eq!(
        alarms(&mut scene),
        json!({"status": "MONITORING", "alarmNames": ["errors", "latency"], "triggeredAlarmNames": []})
    );
    scene.alarm("errors", AlarmState::Alarm);
    assert_eq!(scene.status(), "IN_PROGRESS");
    scene.pass(20.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
    assert_eq!(alarms(&mut scene)["triggeredAlarmNames"], json!(["errors"]));
    let messages = scene.messages();
    let failed = format!("(service web) (deployment {}) deployment failed: alarm detected.", new.as_str().unwrap());
    let position = messages.iter().position(|message| *message == failed).unwrap();
    assert_eq!(messages[position - 1], format!("(service web) rolling back to deployment {}.", old.as_str().unwrap()));
    scene.pass(300.0);
    let newest = scene.newest();
    assert_eq!((&newest["status"], &newest["alarms"]["status"]), (&json!("ROLLBACK_SUCCESSFUL"), &json!("TRIGGERED")));
    assert_eq!(newest["statusReason"], Texts::default().alarm_status);
    assert_eq!(scene.service()["deployments"][0]["id"], old);
}

#[test]
fn without_rollback_the_deployment_stops_where_it_is() {
    let mut scene = deployed(configuration(false));
    scene.pass(30.0);
    scene.alarm("latency", AlarmState::Alarm);
    scene.pass(60.0);
    assert_eq!(scene.status(), "STOPPED");
    assert_eq!(scene.service()["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(scene.service()["deployments"][0]["rolloutStateReason"], Texts::default().alarm_rollout);
}

#[test]
fn an_alarm_that_rings_at_the_beginning_is_not_watched() {
    let mut scene = Scene::steady(configuration(true));
    scene.alarm("errors", AlarmState::Alarm);
    scene.deploy("better");
    scene.pass(900.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    assert_eq!(alarms(&mut scene)["status"], "DISABLED");
}

#[test]
fn the_rollout_bakes_after_its_goal_and_an_alarm_then_starts_the_old_tasks_again() {
    let mut configuration = configuration(true);
    configuration["bakeTimeInMinutes"] = json!(10);
    let mut scene = deployed(configuration);
    let old = digits(&scene.service()["deployments"][1]["id"]);
    scene.pass(500.0);
    assert_eq!(
        (scene.status().as_str(), scene.deployments()),
        ("IN_PROGRESS", vec!["PRIMARY IN_PROGRESS 2/2".to_owned()])
    );
    scene.alarm("errors", AlarmState::Alarm);
    scene.pass(20.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
    let primary = scene.service()["deployments"][0].clone();
    assert_eq!((digits(&primary["id"]), &primary["runningCount"]), (old, &json!(0)));
    scene.pass(300.0);
    assert_eq!(
        (scene.status().as_str(), scene.deployments()),
        ("ROLLBACK_SUCCESSFUL", vec!["PRIMARY COMPLETED 2/2".to_owned()])
    );
}

#[test]
fn a_rollout_that_has_baked_is_complete_and_alarms_come_too_late() {
    let mut scene = deployed(configuration(true));
    scene.pass(250.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
    scene.pass(150.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    assert_eq!(alarms(&mut scene)["status"], "MONITORING_COMPLETE");
    scene.alarm("errors", AlarmState::Alarm);
    scene.pass(600.0);
    assert_eq!(
        (scene.status().as_str(), scene.deployments()),
        ("SUCCESSFUL", vec!["PRIMARY COMPLETED 2/2".to_owned()])
    );
}

#[test]
fn breaker_and_alarms_each_use_their_own_rollback() {
    let mut both = configuration(false);
    both["deploymentCircuitBreaker"] = json!({"enable": true, "rollback": true});
    let mut scene = deployed(both.clone());
    scene.pass(30.0);
    scene.alarm("errors", AlarmState::Alarm);
    scene.pass(60.0);
    assert_eq!(scene.status(), "STOPPED");
    let mut scene = Scene::steady(both);
    scene.image("broken", super::scene::broken());
    scene.deploy("broken");
    scene.pass(1200.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
}

#[test]
fn an_alarm_takes_the_traffic_of_a_canary_back() {
    let mut canary = configuration(true);
    canary["strategy"] = json!("CANARY");
    let mut scene = deployed(canary);
    let weight =
        |scene: &mut Scene| scene.newest()["targetServiceRevision"]["requestedProductionTrafficWeight"].clone();
    assert!(scene.pass_until(600.0, |scene| weight(scene) == 5.0));
    scene.alarm("errors", AlarmState::Alarm);
    scene.pass(20.0);
    assert_eq!((scene.status().as_str(), weight(&mut scene)), ("ROLLBACK_IN_PROGRESS", json!(0.0)));
}

#[test]
fn how_often_alarms_are_looked_at_and_how_long_it_bakes_are_settings() {
    let knobs = Knobs { alarm_look: 5.0, alarm_bake: 60.0, ..Knobs::default() };
    let mut scene = Scene::with(knobs);
    scene.seed(2, configuration(true), Map::new());
    scene.deploy("better");
    scene.pass(130.0);
    assert_eq!(scene.status(), "SUCCESSFUL");
    scene.deploy("good");
    scene.pass(21.0);
    scene.alarm("errors", AlarmState::Alarm);
    scene.pass(5.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
}
