//! Scenario 4: "stable", but our deployment is still in progress.
//!
//! In the wild: a waiter returned while the rollout state was still `IN_PROGRESS`; the next steps ran against mixed
//! versions, and the breaker could still fire afterwards.
//!
//! Demanded: one deployment with as many running tasks as wanted is no success while ECS calls it `IN_PROGRESS`.
//! Where it then completes: exit 0.
//! Where the breaker fires then: exit 5, never 0.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_core::{engine::Notice, rollout::Waiting};
use towpath_tests::scenario::{Shop, Told};

/// Old tasks are stopped before new ones start, so that soon only new ones are there, and none is known to be healthy.
fn shop() -> Shop {
    Shop::new().service("deployment-configuration", json!({ "minimumHealthyPercent": 0, "maximumPercent": 100 }))
}

/// The service looked stable then, and the run did not believe it.
#[track_caller]
fn looked_stable(seen: &Value, told: &Told) {
    assert_eq!(seen["deployments"].as_array().unwrap().len(), 1, "{seen:#}");
    assert_eq!((&seen["runningCount"], &seen["desiredCount"]), (&json!(2), &json!(2)));
    assert_eq!(seen["deployments"][0]["rolloutState"], "IN_PROGRESS");
    let is_settling = |notice: &&Notice| matches!(notice, Notice::Looked { waiting: Waiting::Settling, .. });
    assert!(told.notices.iter().filter(is_settling).count() > 1, "{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_waited_for_until_ecs_calls_it_complete() {
    let play = shop().image("1.1.0", &json!({ "healthy-after": 120 })).container(patient).open().await;
    let sight = play.look_when("update-accepted", Duration::from_secs(90));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    looked_stable(&sight.seen(), &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_breaker_fires_afterwards_it_is_no_success() {
    let play = shop().image("1.1.0", &json!({ "healthy-after": "never" })).container(patient).open().await;
    let sight = play.look_when("update-accepted", Duration::from_secs(90));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).says("circuit breaker").serves("shop-api-dev:1");
    looked_stable(&sight.seen(), &told);
    assert!(play.version().await.contains("1.0.0"));
}

/// The container's health is not judged for a while.
fn patient(container: &mut Value) {
    container["healthCheck"]["startPeriod"] = json!(150);
}
