//! Scenario 1: the circuit breaker rolled back, and the tool said "success".
//!
//! In the wild: tools wait until the service is stable.
//! Once the breaker has put the old revision back, the service is stable, so a failed deployment ends in green.
//! One tool even deregistered the revision that was running.
//!
//! Demanded: the verdict is about our own deployment; exit 5; the breaker's reason and that of the stopped tasks are
//! said; the old revision stays active.
//! ECS puts the old deployment back under its old id or under a new one: sources disagree, so both are tried.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way};

const REASON: &str = "CannotStartContainerError: exec /app: no such file or directory";

async fn check(rollback_id: &str, way: Way) {
    let shop = Shop::new().knob("rollback-id", rollback_id).image("1.1.0", &json!({ "fails-to-start": REASON }));
    let mut play = shop.open().await;
    let told = play.promote_by(way, "1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").keeps("shop-api-dev:1").keeps("shop-api-dev:2");
    told.sent("UpdateService", 1).sent("StopServiceDeployment", 0);
    told.says("circuit breaker").says("no such file or directory");
    assert!(play.version().await.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_deployment_comes_back_under_its_own_id() {
    check("old", Way::Straight).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_revision_comes_back_in_a_new_deployment() {
    check("new", Way::Straight).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_died_finds_it_out_as_well() {
    check("old", Way::Killed).await;
    check("new", Way::Killed).await;
}
