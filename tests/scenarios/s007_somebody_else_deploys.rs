//! Scenario 7: somebody else deploys over us, and the circuit breaker gets the blame.
//!
//! In the wild: a second deployment replaced the first; one tool called that success, another said that it was "likely
//! rolled back".
//!
//! Demanded: exit 8 with the revision that replaced ours; nothing is rolled back, since that would undo the other release;
//! the breaker is not mentioned.
//! Where the other deployment brings our own revision (a forced deployment), it is still not a silent success: it is said
//! that our revision serves and that somebody else brought it.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::{
    REPOSITORY,
    scenario::{Shop, Way, somebody},
};

/// Somebody deploys 1.2.0 with a revision of their own.
fn deploys(simulator: &towpath_sim::Simulator) {
    let mut definition = somebody(simulator, "DescribeTaskDefinition", &json!({ "taskDefinition": "shop-api-dev" }));
    let image = format!("{REPOSITORY}:1.2.0");
    definition["taskDefinition"]["containerDefinitions"][0]["image"] = json!(image);
    let members = ["family", "networkMode", "requiresCompatibilities", "cpu", "memory", "containerDefinitions"];
    let input: serde_json::Map<_, _> =
        members.iter().map(|name| ((*name).to_owned(), definition["taskDefinition"][*name].clone())).collect();
    somebody(simulator, "RegisterTaskDefinition", &input.into());
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "taskDefinition": "shop-api-dev" });
    somebody(simulator, "UpdateService", &input);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_release_is_left_alone_and_named() {
    for way in Way::BOTH {
        let mut play = Shop::new().open().await;
        play.when("checked", Duration::from_secs(12), deploys);
        let told = play.promote_by(way, "1.1.0").await;
        told.ends(Exit::Superseded).says("shop-api-dev:3").never_says("circuit breaker");
        told.sent("UpdateService", 1).sent("StopServiceDeployment", 0);
        assert_eq!(told.truth.revision(), "shop-api-dev:3");
        play.stage.simulator.advance(Duration::from_mins(10));
        assert!(play.version().await.contains("1.2.0"), "the other release serves in the end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_revision_brought_by_somebody_else_is_said_so() {
    let play = Shop::new().open().await;
    play.when("update-accepted", Duration::from_secs(12), |simulator| {
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "forceNewDeployment": true });
        somebody(simulator, "UpdateService", &input);
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Superseded).sent("UpdateService", 1).never_says("circuit breaker");
    told.says("shop-api-dev:2").says("the same revision");
}
