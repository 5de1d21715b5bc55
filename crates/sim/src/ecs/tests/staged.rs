//! Deployments that shift traffic, stage by stage.

use serde_json::{Map, Value, json};

use super::scene::{Scene, balanced, broken, digits};
use crate::{
    ecs::{Knobs, Listener, knobs::PreProductionStage},
    image::Behaviour,
};

/// A blue/green configuration with two minutes of bake time, and more.
fn blue_green(more: Value) -> Value {
    let mut configuration = json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2});
    configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    configuration
}

fn steady(configuration: Value) -> Scene {
    steady_with(Knobs::default(), configuration)
}

fn steady_with(knobs: Knobs, configuration: Value) -> Scene {
    let mut scene = Scene::with(knobs);
    scene.seed(2, configuration, balanced());
    scene
}

fn stage(scene: &mut Scene) -> String {
    scene.newest()["lifecycleStage"].as_str().unwrap_or_default().to_owned()
}

/// The new revision's weights of production and test.
fn weights(scene: &mut Scene) -> (f64, f64) {
    let target = scene.newest()["targetServiceRevision"].clone();
    let weight = |name: &str| target[name].as_f64().unwrap_or(0.0);
    (weight("requestedProductionTrafficWeight"), weight("requestedTestTrafficWeight"))
}

/// Every stage that comes to be seen, with the weights and the deployments then.
fn stages(scene: &mut Scene) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    scene.pass_until(7200.0, |scene| {
        if scene.status() == "IN_PROGRESS" {
            let (production, test) = weights(scene);
            let line = format!("{} {production} {test}", stage(scene));
            if seen.last() != Some(&line) {
                seen.push(line);
            }
        }
        scene.status() == "SUCCESSFUL"
    });
    seen
}

/// How many of so many requests reach the new image.
fn reach_new(scene: &Scene, listener: Listener, requests: u64) -> usize {
    let new = scene.images.clone_image("better").digest;
    let reaches = |turn: &u64| {
        let (_, targets) = scene.ecs.route("prod", "web", listener, *turn, scene.now);
        assert!(targets.iter().any(|target| target.in_service), "nobody answers");
        targets.iter().all(|target| target.digest == new)
    };
    (0..requests).filter(reaches).count()
}

#[test]
fn blue_green_goes_through_its_stages_and_keeps_both_revisions_until_it_has_baked() {
    let mut scene = steady(blue_green(json!({})));
    scene.deploy("better");
    let seen = stages(&mut scene);
    assert_eq!(
        seen,
        [
            "PRE_SCALE_UP 0 0",
            "SCALE_UP 0 0",
            "POST_SCALE_UP 0 0",
            "TEST_TRAFFIC_SHIFT 0 100",
            "POST_TEST_TRAFFIC_SHIFT 0 100",
            "PRODUCTION_TRAFFIC_SHIFT 100 100",
            "POST_PRODUCTION_TRAFFIC_SHIFT 100 100",
            "BAKE_TIME 100 100",
            "CLEAN_UP 100 100",
        ]
    );
    scene.pass(120.0);
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn the_classic_deployments_are_both_there_until_clean_up() {
    let mut scene = steady(blue_green(json!({})));
    scene.deploy("better");
    assert!(scene.pass_until(600.0, |scene| stage(scene) == "BAKE_TIME"));
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 2/2", "ACTIVE COMPLETED 2/2"]);
    scene.pass(119.0);
    assert_eq!(stage(&mut scene), "BAKE_TIME");
    scene.pass(2.0);
    assert_eq!(stage(&mut scene), "CLEAN_UP");
    assert_eq!(scene.deployments()[1], "ACTIVE COMPLETED 0/0");
}

#[test]
fn tests_reach_green_while_users_still_reach_blue() {
    let mut scene = steady(blue_green(json!({})));
    assert_eq!(reach_new(&scene, Listener::Test, 4), 0);
    scene.deploy("better");
    scene.pass_until(600.0, |scene| stage(scene) == "POST_SCALE_UP");
    assert_eq!((reach_new(&scene, Listener::Production, 4), reach_new(&scene, Listener::Test, 4)), (0, 0));
    scene.pass_until(600.0, |scene| stage(scene) == "TEST_TRAFFIC_SHIFT");
    assert_eq!((reach_new(&scene, Listener::Production, 4), reach_new(&scene, Listener::Test, 4)), (0, 4));
    scene.pass_until(600.0, |scene| stage(scene) == "BAKE_TIME");
    assert_eq!((reach_new(&scene, Listener::Production, 4), reach_new(&scene, Listener::Test, 4)), (4, 4));
    scene.pass(900.0);
    assert_eq!((reach_new(&scene, Listener::Production, 4), reach_new(&scene, Listener::Test, 4)), (4, 4));
}

#[test]
fn a_canary_serves_its_share_and_then_everybody() {
    let configuration =
        json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 3}});
    let mut scene = steady(configuration);
    scene.deploy("better");
    assert!(scene.pass_until(600.0, |scene| weights(scene).0 > 0.0));
    assert_eq!(weights(&mut scene), (20.0, 100.0));
    assert_eq!(reach_new(&scene, Listener::Production, 100), 20);
    scene.pass(179.0);
    assert_eq!(weights(&mut scene), (20.0, 100.0));
    scene.pass(10.0);
    assert_eq!(weights(&mut scene), (100.0, 100.0));
    assert_eq!(reach_new(&scene, Listener::Production, 100), 100);
    let sources = scene.newest()["sourceServiceRevisions"].clone();
    assert_eq!(sources[0]["requestedProductionTrafficWeight"], 0.0);
}

#[test]
fn a_linear_deployment_takes_equal_steps() {
    let configuration =
        json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 1}});
    let mut scene =
        steady_with(Knobs { pre_production_stage: PreProductionStage::Own, ..Knobs::default() }, configuration);
    scene.deploy("better");
    let shifts: Vec<String> =
        stages(&mut scene).into_iter().filter(|line| line.contains("PRODUCTION_TRAFFIC_SHIFT")).collect();
    assert_eq!(
        shifts,
        [
            "PRE_PRODUCTION_TRAFFIC_SHIFT 0 100",
            "PRODUCTION_TRAFFIC_SHIFT 40 100",
            "PRE_PRODUCTION_TRAFFIC_SHIFT 40 100",
            "PRODUCTION_TRAFFIC_SHIFT 80 100",
            "PRE_PRODUCTION_TRAFFIC_SHIFT 80 100",
            "PRODUCTION_TRAFFIC_SHIFT 100 100",
            "POST_PRODUCTION_TRAFFIC_SHIFT 100 100",
        ]
    );
}

#[test]
fn a_rolling_deployment_and_a_first_one_show_no_stage() {
    let mut scene = steady(json!({}));
    scene.deploy("better");
    scene.pass(5.0);
    assert_eq!(scene.newest().get("lifecycleStage"), None);
    assert_eq!(scene.newest()["targetServiceRevision"].get("requestedProductionTrafficWeight"), None);
    let mut scene = steady(blue_green(json!({})));
    assert_eq!((scene.status().as_str(), scene.newest().get("lifecycleStage")), ("SUCCESSFUL", None));
}

#[test]
fn green_that_does_not_start_trips_the_circuit_breaker_and_blue_never_lost_a_task() {
    let mut scene = steady(blue_green(json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true}})));
    scene.image("broken", broken());
    let old = scene.service()["deployments"][0]["id"].clone();
    scene.deploy("broken");
    let mut fewest = 2;
    assert!(scene.pass_until(1200.0, |scene| {
        let service = scene.service();
        let blue = service["deployments"].as_array().unwrap().iter().find(|item| item["id"] == old).cloned();
        fewest = fewest.min(blue.map_or(0, |blue| blue["runningCount"].as_i64().unwrap()));
        scene.status() == "ROLLBACK_SUCCESSFUL"
    }));
    assert_eq!(fewest, 2);
    assert_eq!(scene.newest()["lifecycleStage"], "SCALE_UP");
    assert_eq!(digits(&scene.newest()["rollback"]["serviceRevisionArn"]), digits(&old));
    assert_eq!(scene.service()["deployments"][0]["id"], old);
}

/// A deployment whose canary is out and stays so for a day.
fn half_out(image: &str, breaker: Value) -> Scene {
    let mut scene = steady(json!({
        "strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 50.0, "canaryBakeTimeInMinutes": 1440},
        "deploymentCircuitBreaker": breaker,
    }));
    scene.image("flaky", Behaviour { unhealthy_after: Some(100.0), ..Behaviour::default() });
    scene.deploy(image);
    assert!(scene.pass_until(600.0, |scene| weights(scene).0 > 0.0));
    scene
}

#[test]
fn green_that_fails_without_rollback_leaves_the_traffic_where_it_was() {
    let mut scene = half_out("flaky", json!({"enable": true, "rollback": false, "resetOnHealthyTask": false}));
    assert!(scene.pass_until(3600.0, |scene| scene.status() == "STOPPED"));
    assert_eq!(weights(&mut scene), (50.0, 100.0));
    let old = scene.images.clone_image("good").digest;
    let by_old = |turn: &u64| {
        let (_, targets) = scene.ecs.route("prod", "web", Listener::Production, *turn, scene.now);
        targets.iter().all(|target| target.digest == old)
    };
    assert_eq!((0..10).filter(by_old).count(), 5);
}

#[test]
fn a_rollback_on_request_takes_the_traffic_back_at_once() {
    let mut scene = half_out("better", json!({"enable": false, "rollback": false}));
    assert_eq!(reach_new(&scene, Listener::Production, 10), 5);
    let arn = scene.newest()["serviceDeploymentArn"].clone();
    scene.call("StopServiceDeployment", json!({"serviceDeploymentArn": arn}));
    scene.pass(1.0);
    assert_eq!(scene.status(), "ROLLBACK_IN_PROGRESS");
    assert_eq!(weights(&mut scene), (0.0, 0.0));
    assert_eq!(reach_new(&scene, Listener::Production, 10), 0);
    scene.pass(300.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
    assert_eq!(scene.deployments(), ["PRIMARY COMPLETED 2/2"]);
}

#[test]
fn a_deployment_over_one_that_never_ended_reconciles_first_and_leaves_blue_in_place() {
    let mut scene = steady(blue_green(json!({})));
    let blue = scene.service()["deployments"][0]["id"].clone();
    let green = scene.deploy("better")["deployments"][0]["id"].clone();
    scene.pass_until(600.0, |scene| stage(scene) == "BAKE_TIME");
    scene.deploy("better");
    scene.pass(0.2);
    assert_eq!(stage(&mut scene), "RECONCILE_SERVICE");
    assert_eq!(reach_new(&scene, Listener::Production, 4), 0, "users are back on the last completed revision");
    let sources = scene.newest()["sourceServiceRevisions"].clone();
    let sources: Vec<String> = sources.as_array().unwrap().iter().map(|source| digits(&source["arn"])).collect();
    assert_eq!(sources, [digits(&green), digits(&blue)]);
    assert!(scene.pass_until(3600.0, |scene| scene.status() == "SUCCESSFUL"));
}

#[test]
fn scaling_scales_both_revisions() {
    let mut scene = steady(blue_green(json!({})));
    scene.deploy("better");
    scene.pass_until(600.0, |scene| stage(scene) == "BAKE_TIME");
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 4}));
    scene.pass(60.0);
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 4/4", "ACTIVE COMPLETED 4/4"]);
    scene.call("UpdateService", json!({"cluster": "prod", "service": "web", "desiredCount": 1}));
    scene.pass(1.0);
    assert_eq!(scene.deployments(), ["PRIMARY IN_PROGRESS 1/1", "ACTIVE COMPLETED 1/1"]);
}

#[test]
fn the_two_target_groups_take_turns() {
    let group = |name: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/{name}/1");
    let balancer = json!({
        "targetGroupArn": group("one"), "containerName": "app", "containerPort": 80,
        "advancedConfiguration": {"alternateTargetGroupArn": group("two"), "productionListenerRule": "rule", "roleArn": "role"},
    });
    let mut scene = Scene::new();
    let mut members = Map::new();
    members.insert("loadBalancers".to_owned(), json!([balancer]));
    scene.seed(1, blue_green(json!({})), members);
    for name in ["two", "one"] {
        scene.deploy("better");
        scene.pass_until(900.0, |scene| scene.status() == "SUCCESSFUL");
        let registered = format!("(service web) registered 1 targets in (target-group {})", group(name));
        assert_eq!(
            scene
                .messages()
                .into_iter()
                .find(|message| message.contains("registered 1") && !message.contains("deregistered")),
            Some(registered)
        );
    }
}

#[test]
fn a_stage_that_takes_a_day_is_given_up() {
    let mut scene = steady(blue_green(json!({})));
    scene.image("broken", broken());
    scene.deploy("broken");
    scene.pass(86_000.0);
    assert_eq!(scene.status(), "IN_PROGRESS");
    scene.pass(900.0);
    assert_eq!(scene.status(), "ROLLBACK_SUCCESSFUL");
}
