//! Scenario 11: a crash loop resets the breaker's counter, and the deployment runs for hours.
//!
//! In the wild: tasks reached RUNNING, even HEALTHY, and exited a minute later; each healthy task set the count of
//! failures back; somebody found the loop after a day.
//!
//! Demanded: the ended tasks of our own deployment are counted, whatever ECS counts; at a threshold the run gives up and
//! goes back, exit 5; the container's exit code is said, not "time-out".

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way};

/// Room for one new task at a time, which is healthy for a moment and gone before the next one runs.
async fn check(breaker: &str, way: Way) {
    let percents = json!({ "minimumHealthyPercent": 100, "maximumPercent": 150 });
    let crashes = json!({ "exit-after": 15, "exit-code": 3, "healthy-after": 5 });
    let shop = Shop::new().service("deployment-configuration", percents).service("circuit-breaker", breaker);
    let mut play = shop.image("1.1.0", &crashes).open().await;
    let began = play.stage.simulator.now();
    let told = play.promote_by(way, "1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").says("exit code 3").never_says("did not end within");
    let took = play.stage.simulator.now().duration_since(began);
    assert!(took.as_secs() < 30 * 60, "{took}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_exit_before_they_are_healthy_are_counted() {
    let crashes = json!({ "exit-after": 20, "exit-code": 3, "healthy-after": 60 });
    let shop = Shop::new().service("circuit-breaker", "off").image("1.1.0", &crashes);
    let play = shop.container(|container| container["healthCheck"]["startPeriod"] = json!(120)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").says("exit code 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_are_healthy_for_a_moment_are_counted_too() {
    for breaker in ["off", "roll-back"] {
        check(breaker, Way::Straight).await;
    }
    check("off", Way::Killed).await;
}
