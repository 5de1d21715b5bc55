//! Scenarios: the example is served as it is described.
//!
//! Mistakes in scenarios are tested beside their reading.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

use crate::support::{call, options, request, start};

pub(crate) const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios/shop.toml");
const ECS: &str = "AmazonEC2ContainerServiceV20141113";

/// The example scenario with a clock that stands still.
pub(crate) async fn shop() -> Simulator {
    let text = std::fs::read_to_string(SHOP).unwrap();
    let scenario = Scenario::from_toml(&text, SHOP).unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    Simulator::start(Options { listen, scenario, pace: Pace::Stepped, state: None }).await.unwrap()
}

/// Registers the running task definition of production with another version, and deploys it.
pub(crate) async fn deploy_to_production(simulator: &Simulator, version: &str) {
    let account = "333333333333";
    let input = json!({"taskDefinition": "shop-api-production"});
    let described = call(simulator, account, &format!("{ECS}.DescribeTaskDefinition"), &input).await.json();
    let current = &described["taskDefinition"];
    let mut container = current["containerDefinitions"][0].clone();
    container["image"] = format!("111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api:{version}").into();
    let mut next = json!({"containerDefinitions": [container]});
    for member in ["family", "networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn"] {
        next[member] = current[member].clone();
    }
    let registered = call(simulator, account, &format!("{ECS}.RegisterTaskDefinition"), &next).await.json();
    let arn = &registered["taskDefinition"]["taskDefinitionArn"];
    let input = json!({"cluster": "shop-production", "service": "shop-api-production", "taskDefinition": arn});
    let updated = call(simulator, account, &format!("{ECS}.UpdateService"), &input).await;
    assert_eq!(updated.status, 200, "{updated:?}");
}

#[tokio::test]
async fn every_environment_of_the_shop_is_in_steady_state() {
    let simulator = shop().await;
    for (account, environment, count) in
        [("111111111111", "dev", 2), ("222222222222", "staging", 2), ("333333333333", "production", 3)]
    {
        let input = json!({"cluster": format!("shop-{environment}"), "services": [format!("shop-api-{environment}")]});
        let answer = call(&simulator, account, &format!("{ECS}.DescribeServices"), &input).await.json();
        let service = &answer["services"][0];
        assert_eq!((&service["status"], &service["runningCount"]), (&json!("ACTIVE"), &json!(count)), "{answer}");
        assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED", "{answer}");
        assert_eq!(service["deployments"].as_array().unwrap().len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn the_images_of_the_shop_are_in_one_repository_with_fixed_tags() {
    let simulator = shop().await;
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeImages";
    let input = json!({"registryId": "111111111111", "repositoryName": "shop-api"});
    let answer = call(&simulator, "333333333333", target, &input).await.json();
    assert_eq!(answer["imageDetails"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_good_version_replaces_the_running_one() {
    let simulator = shop().await;
    deploy_to_production(&simulator, "1.1.0").await;
    simulator.advance(Duration::from_mins(15));
    let line = "GET /_serve/333333333333/us-west-2/shop-production/shop-api-production/version";
    let answer = request(&simulator, line, &[], "").await.unwrap();
    assert_eq!((answer.status, &answer.json()["version"]), (200, &json!("1.1.0")));
}

#[tokio::test]
async fn a_rollout_and_the_kept_state_go_on_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(SHOP).unwrap();
    let kept = || Options { state: Some(directory.path().to_owned()), ..options(&text) };
    let first = Simulator::start(kept()).await.unwrap();
    deploy_to_production(&first, "1.1.0").await;
    first.advance(Duration::from_secs(30));
    first.shutdown().await.unwrap();

    let second = Simulator::start(kept()).await.unwrap();
    second.advance(Duration::from_mins(15));
    let line = "GET /_serve/333333333333/us-west-2/shop-production/shop-api-production/version";
    assert_eq!(request(&second, line, &[], "").await.unwrap().json()["version"], "1.1.0");
}

#[tokio::test]
async fn the_scenario_of_the_reference_page_can_be_served() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulator.md");
    let page = std::fs::read_to_string(page).unwrap();
    let scenario = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let simulator = start(scenario).await;
    let input = json!({"cluster": "shop", "services": ["shop-api"]});
    let answer = call(&simulator, "111111111111", &format!("{ECS}.DescribeServices"), &input).await.json();
    assert_eq!(answer["services"][0]["runningCount"], 2, "{answer}");
}
