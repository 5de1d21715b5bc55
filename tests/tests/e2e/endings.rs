//! Every way in which a rollout can end, told truly.

use std::time::Duration;

use serde_json::json;
use towpath_core::{
    promotion::{Outcome, RestoredBy},
    rollout::RolloutEnd,
};
use towpath_tests::{SCENARIO, Stage};

/// The shop in which 1.2.0 does this everywhere, in place of answering `/version` with 500.
async fn with_bad(behaviour: &str, circuit_breaker: &str) -> Stage {
    let (head, rest) = SCENARIO.split_once("[[images.behaviour.routes]]").unwrap();
    let (_, tail) = rest.split_once("[[services]]").unwrap();
    let head = head.replacen(
        "commit = \"d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef\"\nhealthy-after = 5",
        &format!("commit = \"d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef\"\n{behaviour}"),
        1,
    );
    let scenario = format!("{head}\n[[services]]{tail}").replace("circuit-breaker = \"roll-back\"", circuit_breaker);
    Stage::with(&scenario, Stage::configuration()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaker_rollback_is_left_to_ecs_and_told_as_one() {
    let stage = with_bad("fails-to-start = \"no such file\"", "circuit-breaker = \"roll-back\"").await;
    let report = stage.promote("dev", "1.2.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("circuit breaker"), "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 1, "ECS restores the target: no second update");
    let record = report.record.unwrap();
    let component = record.components.values().next().unwrap();
    assert!(matches!(component.rollout, Some(RolloutEnd::RolledBack { .. })));
    assert_eq!(component.rollback.as_ref().unwrap().by, Some(RestoredBy::Ecs));
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breaker_without_rollback_is_put_back_by_us() {
    let stage = with_bad("fails-to-start = \"no such file\"", "circuit-breaker = \"stop\"").await;
    let report = stage.promote("dev", "1.2.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 2);
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_does_not_end_in_time_is_inconclusive_not_failed_and_changes_nothing_more() {
    // Its tasks are not judged for five minutes, and it may take two.
    let scenario = SCENARIO.replace("interval = 5, retries = 3", "interval = 5, retries = 3, startPeriod = 300");
    let slow = "commit = \"d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef\"\nhealthy-after = ";
    let scenario = scenario.replace(&format!("{slow}5"), &format!("{slow}280"));
    let text = Stage::configuration().replace("container = \"api\"", "container = \"api\"\nrollout-timeout = \"2m\"");
    let stage = Stage::with(&scenario, &text).await.unwrap();
    let report = stage.promote("dev", "1.2.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 1);
    assert_eq!(stage.records("dev").await.unwrap().last().unwrap().outcome, Outcome::Inconclusive);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_serves_already_is_proven_and_nothing_is_sent() {
    let stage = Stage::open().await.unwrap();
    assert_eq!(stage.promote("dev", "1.1.0").await.unwrap().outcome, Outcome::Succeeded);
    stage.simulator.clear_calls();
    let report = stage.promote_as("dev", "1.1.0", "p-again").await.unwrap();
    assert_eq!(report.outcome, Outcome::Unchanged, "{}", report.reason);
    for operation in ["UpdateService", "RegisterTaskDefinition"] {
        assert!(stage.accepted(operation).is_empty(), "{operation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_by_hand_brings_the_recorded_revision() {
    let stage = Stage::open().await.unwrap();
    assert_eq!(stage.promote("dev", "1.1.0").await.unwrap().outcome, Outcome::Succeeded);
    let environment = stage.environment("dev").unwrap();
    let world = stage.world(environment).await.unwrap();
    let engine = stage.engine(environment, &world);
    let report = engine.restore(None, stage.request("p-back").unwrap()).await.unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.0.0"));
    assert_eq!(stage.accepted("RegisterTaskDefinition").len(), 1, "nothing is rendered anew");
    // 1.1.0 was taken back in dev, so staging refuses it.
    let refused = stage.promote("staging", "1.1.0").await.unwrap();
    assert_eq!(refused.outcome, Outcome::Refused, "{}", refused.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_deployment_over_ours_is_never_undone() {
    let stage = with_bad("healthy-after = \"never\"", "circuit-breaker = \"off\"").await;
    let simulator = std::sync::Arc::clone(&stage.simulator);
    let intruder = tokio::spawn(async move {
        loop {
            if simulator.calls().iter().any(|call| call.operation == "UpdateService" && call.accepted) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        simulator.with_ecs("111111111111", "us-west-2", |ecs, now| {
            let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "forceNewDeployment": true, "taskDefinition": "shop-api-dev:1" });
            ecs.call("UpdateService", &input, now).unwrap();
        });
    });
    let report = stage.promote("dev", "1.2.0").await.unwrap();
    intruder.await.unwrap();
    // The intruder brought our rollback target, or something else: either way nobody sends a second update.
    assert_eq!(report.outcome, Outcome::Superseded, "{}", report.reason);
    assert_eq!(stage.accepted("UpdateService").len(), 1);
}
