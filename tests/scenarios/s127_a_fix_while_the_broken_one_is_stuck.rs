//! Scenario 127: a fix must be deployable while the broken release is stuck.
//!
//! In the wild: a deployment crash-looped for hours, and the tool refused to begin another one before it was over.
//!
//! Demanded: a rollout of somebody else's that fails is deployed over, with a warning; what is gone back to, should the fix
//! fail too, is what was last complete, never the broken one.
//! A rollout that does well is waited for; where the configuration says so, it is refused, exit 4.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_tests::{
    REPOSITORY,
    scenario::{Play, Shop},
};

/// Somebody deploys 1.1.0 by hand, and nobody watches it.
fn deploys(play: &Play) {
    let described = play.somebody("DescribeTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }));
    let members = [
        "family",
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "executionRoleArn",
        "containerDefinitions",
    ];
    let mut input: serde_json::Map<_, _> =
        members.iter().map(|name| ((*name).to_owned(), described["taskDefinition"][*name].clone())).collect();
    input["containerDefinitions"][0]["image"] = json!(format!("{REPOSITORY}:1.1.0"));
    play.somebody("RegisterTaskDefinition", &input.into());
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "taskDefinition": "shop-api-dev:2" });
    play.somebody("UpdateService", &input);
}

async fn stuck(fix: &Value) -> Play {
    let crashes = json!({ "exit-after": 20, "exit-code": 3, "healthy-after": 60 });
    let shop = Shop::new().service("circuit-breaker", "off").image("1.1.0", &crashes).image("1.2.0", fix);
    let play = shop.container(|container| container["healthCheck"]["startPeriod"] = json!(120)).open().await;
    deploys(&play);
    play.stage.simulator.advance(Duration::from_mins(15));
    assert_eq!(play.truth().primary()["rolloutState"], "IN_PROGRESS", "it crash-loops");
    play
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_is_deployed_over_it() {
    let play = stuck(&json!({})).await;
    let told = play.promote("1.2.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:3").mentions("shop-api-dev:2");
    assert!(play.version().await.contains("1.2.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_that_fails_too_goes_back_to_what_was_last_complete() {
    let play = stuck(&json!({ "routes": [{ "path": "/version", "status": 500 }] })).await;
    let told = play.promote("1.2.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1");
    assert!(play.version().await.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_that_does_well_is_waited_for() {
    let play = Shop::new()
        .image("1.1.0", &json!({ "healthy-after": 30 }))
        .container(|container| container["healthCheck"]["startPeriod"] = json!(60))
        .open()
        .await;
    deploys(&play);
    let told = play.promote("1.2.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:3");
    let first = told.truth.service_deployments.iter().filter(|one| one["status"] == "SUCCESSFUL").count();
    assert_eq!(first, 3, "the other rollout came to its end\n{:#?}", told.truth.service_deployments);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollout_under_way_is_refused_where_that_is_wanted() {
    let play = Shop::new().setting("when-busy = \"refuse\"").open().await;
    deploys(&play);
    play.promote("1.2.0").await.ends(Exit::Refused).says("under way").says("shop-api-dev:2").changed_nothing();
}
