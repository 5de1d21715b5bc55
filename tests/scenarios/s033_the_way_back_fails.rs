//! Scenario 33: the rollback's own deployment fails too.
//!
//! In the wild: rolling back is a new deployment; its tasks could not start either, and production was down while the
//! tool said "rolled back".
//!
//! Demanded: the way back is judged like a deployment; where it fails, exit 6, with the service, both revisions, how many
//! tasks run, and what to run.
//! Both ways back are tried: ours, and that of ECS's circuit breaker.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_sim::Simulator;
use towpath_tests::{
    COMMITS,
    scenario::{Shop, Told},
};

/// From now on 1.0.0 cannot be started: its secret was deleted, its image purged, its capacity gone.
fn breaks(simulator: &Simulator) {
    let behaviour = json!({ "version": "1.0.0", "commit": COMMITS[0].1, "fails-to-start": "ResourceInitializationError: no such secret" });
    let image = json!({ "repository": "shop-api", "behaviour": behaviour });
    simulator.set_image(&serde_json::from_value(image).unwrap()).unwrap();
}

#[track_caller]
fn is_loud(told: &Told) {
    told.ends(Exit::Stuck).says("shop-api-dev:1").says("shop-api-dev:2").says("shop-dev/shop-api-dev");
    told.says("towpath rollback dev").says("a person is needed");
    told.sent("UpdateService", told.accepted("UpdateService").len());
}

async fn promoted(bad: &Value, configuration: Value, breaker: &str) -> Told {
    let shop = Shop::new().service("deployment-configuration", configuration).service("circuit-breaker", breaker);
    let play = shop.image("1.1.0", bad).open().await;
    play.when("update-accepted", Duration::from_secs(1), breaks);
    play.promote("1.1.0").await
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_way_back_that_fails_is_stuck() {
    let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
    let told = promoted(&bad, json!({ "minimumHealthyPercent": 100, "maximumPercent": 200 }), "stop").await;
    is_loud(&told);
    told.sent("UpdateService", 2).says("circuit breaker");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_of_ecs_that_fails_is_stuck() {
    let bad = json!({ "fails-to-start": "no such file" });
    let told = promoted(&bad, json!({ "minimumHealthyPercent": 0, "maximumPercent": 100 }), "roll-back").await;
    is_loud(&told);
    let failed = told.truth.service_deployments.iter().any(|one| one["status"] == "ROLLBACK_FAILED");
    assert!(failed, "{:#?}", told.truth.service_deployments);
    assert_eq!(told.truth.tasks.len(), 0, "production is down");
    told.says("0 of 2");
}
