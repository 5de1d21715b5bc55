//! Scenario 17: impossible percentages, and a silent deadlock.
//!
//! In the wild: with one wanted task, 100 % at least and 134 % at most, ECS can neither start nor stop a task.
//! Newer versions of ECS say so in an event, older ones say nothing, and tools wait for ever.
//!
//! Demanded: refused before anything is registered, exit 4, with both numbers; a service that gets into that state on
//! the way is not waited for to the end of the budget.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, somebody};

async fn check(desired: u32, minimum: u32, maximum: u32) {
    let percents = json!({ "minimumHealthyPercent": minimum, "maximumPercent": maximum });
    let play = Shop::new().service("desired-count", desired).service("deployment-configuration", percents).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Refused).changed_nothing().sent("RegisterTaskDefinition", 0);
    told.says(&minimum.to_string()).says(&maximum.to_string()).says("no room");
}

#[tokio::test(flavor = "multi_thread")]
async fn percentages_without_room_are_refused_by_their_numbers() {
    check(1, 100, 134).await;
    check(1, 50, 150).await;
    check(2, 60, 140).await;
    check(3, 80, 120).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn percentages_with_just_enough_room_are_not() {
    for (desired, minimum, maximum) in [(1, 0, 100), (1, 100, 200), (3, 67, 134), (4, 100, 125)] {
        let percents = json!({ "minimumHealthyPercent": minimum, "maximumPercent": maximum });
        let shop = Shop::new().service("desired-count", desired).service("deployment-configuration", percents);
        shop.open().await.promote("1.1.0").await.ends(Exit::Done).serves("shop-api-dev:2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn percentages_that_are_taken_away_on_the_way_end_the_rollout_early() {
    let play = Shop::new().service("desired-count", 1).open().await;
    play.when("registered", Duration::ZERO, |simulator| {
        let percents = json!({ "minimumHealthyPercent": 100, "maximumPercent": 134 });
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "deploymentConfiguration": percents });
        somebody(simulator, "UpdateService", &input);
    });
    let began = play.stage.simulator.now();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).says("100").says("134").says("neither start nor stop").serves("shop-api-dev:1");
    assert!(play.stage.simulator.now().duration_since(began).as_secs() < 15 * 60);
}
