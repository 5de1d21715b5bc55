//! Scenario 23: the service is not a rolling one.
//!
//! In the wild: for services that `CodeDeploy` or an external controller deploys there are no deployments to wait for, and
//! tools waited for ever; a check for a missing controller broke when it was there and empty.
//!
//! A blue/green deployment baked for 23 hours, and a tool called it a failure.
//!
//! Demanded: another controller is refused before any change, exit 4, by its name; a service whose controller is absent,
//! empty, or ECS by name is ECS's own.
//! ECS's own blue/green, linear and canary deployments are followed through their bake times to the end; one that takes
//! longer than its budget is inconclusive, and goes on.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn another_controller_is_refused_by_its_name() {
    for controller in ["CODE_DEPLOY", "EXTERNAL"] {
        let shop = Shop::new()
            .service("circuit-breaker", json!(null))
            .service("deployment-configuration", json!({}))
            .created_with("deploymentController", json!({ "type": controller }));
        let told = shop.open().await.promote("1.1.0").await;
        told.ends(Exit::Refused).says(controller).changed_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_by_name_by_nothing_or_absent_is_a_rolling_service() {
    let play = Shop::new().created_with("deploymentController", json!({ "type": "ECS" })).open().await;
    play.promote("1.1.0").await.ends(Exit::Done).serves("shop-api-dev:2");
    let empty = Fault { set: edits(json!({})), ..Fault::new("DescribeServices", FaultKind::Edit) };
    let absent = Fault { remove: vec![PATH.to_owned()], ..Fault::new("DescribeServices", FaultKind::Edit) };
    for fault in [empty, absent] {
        let told = Shop::new().fault(fault).open().await.promote("1.1.0").await;
        told.ends(Exit::Done).serves("shop-api-dev:2");
    }
}

const PATH: &str = "/services/*/deploymentController";

fn edits(value: Value) -> serde_json::Map<String, Value> {
    serde_json::Map::from_iter([(PATH.to_owned(), value)])
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_own_shifts_of_traffic_are_followed_to_the_end() {
    for configuration in [
        json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30 }),
        json!({ "strategy": "CANARY", "bakeTimeInMinutes": 5, "canaryConfiguration": { "canaryPercent": 10, "canaryBakeTimeInMinutes": 10 } }),
        json!({ "strategy": "LINEAR", "bakeTimeInMinutes": 5, "linearConfiguration": { "stepPercent": 50, "stepBakeTimeInMinutes": 5 } }),
    ] {
        let play = Shop::new().shifted(configuration.clone()).open().await;
        let told = play.promote("1.1.0").await;
        assert_eq!(told.exit, Exit::Done, "{configuration}\n{}", told.story());
        told.sent("UpdateService", 1);
        assert_eq!(told.truth.revision(), "shop-api-dev:2");
        assert!(play.version().await.contains("1.1.0"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bake_that_outlasts_the_budget_is_inconclusive_and_goes_on() {
    let baked = |minutes: u32| json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": minutes });
    let mut play = Shop::new().shifted(baked(1)).setting("rollout-timeout = \"15m\"").open().await;
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "deploymentConfiguration": baked(1380) });
    play.somebody("UpdateService", &input);
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Inconclusive).sent("UpdateService", 1).sent("StopServiceDeployment", 0).says("towpath resume dev");
    play.stage.simulator.advance(Duration::from_hours(23));
    play.resume().await.ends(Exit::Done).sent("UpdateService", 1);
}
