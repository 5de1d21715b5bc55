//! Scenario 5: a healthy release was rolled back because `IN_PROGRESS` was read as a failure.
//!
//! In the wild: a script looked at the rollout state once, right after the service was stable, saw `IN_PROGRESS`, and
//! rolled a healthy release back.
//!
//! Demanded: nothing is rolled back while ECS works and time is left; exactly one update in the whole run; exit 0.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way};

/// Completes so many seconds after all new tasks run and all old ones are gone.
async fn check(seconds: u32, way: Way) {
    let slow = |container: &mut Value| container["healthCheck"]["startPeriod"] = json!(300);
    let shop = Shop::new()
        .service("deployment-configuration", json!({ "minimumHealthyPercent": 0, "maximumPercent": 100 }))
        .container(slow)
        .image("1.1.0", &json!({ "healthy-after": seconds }));
    let mut play = shop.open().await;
    let sight = play.look_when("checked", Duration::from_secs(75));
    let told = play.promote_by(way, "1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).sent("StopServiceDeployment", 0).serves("shop-api-dev:2");
    let seen = sight.seen();
    assert_eq!((&seen["deployments"][0]["rolloutState"], &seen["runningCount"]), (&json!("IN_PROGRESS"), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_completes_half_a_minute_later_is_left_alone() {
    check(60, Way::Straight).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_completes_minutes_later_is_left_alone() {
    check(290, Way::Straight).await;
    check(290, Way::Killed).await;
}
