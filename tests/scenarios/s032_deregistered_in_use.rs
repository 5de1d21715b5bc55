//! Scenario 32: a tool deregisters the revision that is in use.
//!
//! In the wild: a clean-up step with the wrong ARN after a stopped or rolled back deployment; one tool deregistered at
//! once when its time was up.
//!
//! Demanded: nothing is ever deregistered, deleted or untagged, however a run ends.
//! (The harness asserts the same after every run of every scenario.)

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Told, somebody};

#[track_caller]
fn keeps_all(told: &Told, revisions: usize) {
    assert_eq!(told.truth.revisions.len(), revisions, "{}", told.story());
    assert!(told.truth.revisions.iter().all(|revision| revision["status"] == "ACTIVE"));
    assert!(told.calls.iter().all(|call| !call.operation.contains("Dereg") && !call.operation.contains("Delete")));
}

async fn check(shop: Shop, exit: Exit) {
    let told = shop.open().await.promote("1.1.0").await;
    told.ends(exit);
    keeps_all(&told, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deregistered_however_a_run_ends() {
    check(Shop::new(), Exit::Done).await;
    check(Shop::new().image("1.1.0", &json!({ "fails-to-start": "no such file" })), Exit::RolledBack).await;
    check(Shop::new().image("1.1.0", &json!({ "routes": [{ "path": "/version", "status": 500 }] })), Exit::RolledBack)
        .await;
    let never = Shop::new().service("circuit-breaker", "off").image("1.1.0", &json!({ "healthy-after": 290 }));
    let patient = never.container(|container| container["healthCheck"]["startPeriod"] = json!(300));
    check(patient.setting("rollout-timeout = \"1m\""), Exit::Inconclusive).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deregistered_when_somebody_stops_or_replaces_our_deployment() {
    let play = Shop::new().open().await;
    play.when("update-accepted", Duration::from_secs(10), |simulator| {
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "taskDefinition": "shop-api-dev:1" });
        somebody(simulator, "UpdateService", &input);
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Superseded);
    keeps_all(&told, 2);
}
