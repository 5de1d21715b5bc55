//! Scenario 10: an image that cannot be pulled, and a breaker that never fires.
//!
//! In the wild: the image's tag was missing; after two failed attempts ECS waited ever longer, the breaker's count stood
//! still, and the deployment was `IN_PROGRESS` a quarter of an hour later.
//!
//! Demanded: an image that is not there is found out before anything is registered, exit 4.
//! Where it goes missing later, the run gives the rollout up by itself long before its time is up, goes back, exit 5, and
//! says the cause.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::ledger::Releases;
use towpath_tests::{
    release,
    scenario::{Shop, Way},
};

const CAUSE: &str =
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref: not found";

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_there_is_refused_before_anything_is_registered() {
    let play = Shop::new().open().await;
    let mut missing = release("1.1.0", &format!("sha256:{}", "0".repeat(64)).parse().unwrap()).unwrap();
    missing.version = "9.9.9".parse().unwrap();
    let _created = Releases::new(&*play.stage.store).create(&missing).await.unwrap();
    let told = play.promote("9.9.9").await;
    told.ends(Exit::Refused).says("does not exist").changed_nothing().sent("RegisterTaskDefinition", 0);
}

/// One wanted task, and a breaker that wants more failures than there are attempts.
async fn check(breaker: &str, way: Way) {
    let shop = Shop::new().service("desired-count", 1).service("circuit-breaker", breaker).knob("breaker-least", 10);
    let mut play = shop.image("1.1.0", &json!({ "fails-to-start": CAUSE })).open().await;
    let began = play.stage.simulator.now();
    let told = play.promote_by(way, "1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").says("CannotPullContainerError").never_says("circuit breaker");
    let took = play.stage.simulator.now().duration_since(began);
    assert!(took.as_secs() < 15 * 60, "{took}: the budget is 45 minutes");
    assert!(told.record().components.values().all(|component| component.diagnosis.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaker_that_never_fires_is_not_waited_for() {
    check("roll-back", Way::Straight).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_breaker_it_is_the_same() {
    check("off", Way::Straight).await;
    check("off", Way::Killed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failed_attempt_alone_gives_nothing_up() {
    let play =
        Shop::new().service("circuit-breaker", "off").image("1.1.0", &json!({ "fails-to-start": CAUSE })).open().await;
    // The image is pushed again a minute later.
    play.when("update-accepted", Duration::from_secs(40), |simulator| {
        let behaviour = json!({ "version": "1.1.0", "commit": towpath_tests::COMMITS[1].1, "healthy-after": 5 });
        let image = json!({ "repository": "shop-api", "behaviour": behaviour });
        simulator.set_image(&serde_json::from_value(image).unwrap()).unwrap();
    });
    play.promote("1.1.0").await.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}
