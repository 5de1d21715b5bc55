//! Traffic that shifts from one revision to another, as users and testers see it over loopback.
//!
//! The stages themselves are tested beside the scheduler.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_sim::Simulator;

use crate::support::{call, request, start};

const ACCOUNT: &str = "111111111111";

const SCENARIO: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"

[[knobs.hooks]]
function = "smoke"
stage = "POST_TEST_TRAFFIC_SHIFT"
outcome = "succeeded"
after = 30

[[images]]
reference = "shop:1"
behaviour = { version = "1" }

[[images]]
reference = "shop:2"
behaviour = { version = "2" }

[[services]]
name = "shop"
cluster = "prod"
task-definition = { family = "shop", containerDefinitions = [{ name = "app", image = "shop:1", memory = 128 }] }

[services.deployment-configuration]
strategy = "CANARY"
bakeTimeInMinutes = 5
canaryConfiguration = { canaryPercent = 25.0, canaryBakeTimeInMinutes = 10 }
lifecycleHooks = [
    { targetType = "PAUSE", lifecycleStages = ["POST_TEST_TRAFFIC_SHIFT"] },
    { hookTargetArn = "arn:aws:lambda:us-west-2:111111111111:function:smoke", roleArn = "arn:aws:iam::111111111111:role/r", lifecycleStages = ["POST_TEST_TRAFFIC_SHIFT"] },
]
"#;

async fn ecs(simulator: &Simulator, operation: &str, input: Value) -> Value {
    let answer = call(simulator, ACCOUNT, &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &input).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The service deployment under way.
async fn deployment(simulator: &Simulator) -> Value {
    let list = ecs(simulator, "ListServiceDeployments", json!({"cluster": "prod", "service": "shop"})).await;
    let arn = list["serviceDeployments"][0]["serviceDeploymentArn"].clone();
    let described = ecs(simulator, "DescribeServiceDeployments", json!({"serviceDeploymentArns": [arn]})).await;
    described["serviceDeployments"][0].clone()
}

/// The versions that so many requests in a row come by.
async fn versions(simulator: &Simulator, listener: &str, requests: u32) -> String {
    let mut versions = String::new();
    for _ in 0..requests {
        let line = format!("GET /{listener}/{ACCOUNT}/us-west-2/prod/shop/version");
        versions += request(simulator, &line, &[], "").await.unwrap().json()["version"].as_str().unwrap();
    }
    versions
}

#[tokio::test]
async fn a_canary_is_tested_let_on_by_a_person_and_shifted_by_weight() {
    let simulator = start(SCENARIO).await;
    let definition =
        json!({"family": "shop", "containerDefinitions": [{"name": "app", "image": "shop:2", "memory": 128}]});
    ecs(&simulator, "RegisterTaskDefinition", definition).await;
    ecs(&simulator, "UpdateService", json!({"cluster": "prod", "service": "shop", "taskDefinition": "shop"})).await;
    simulator.advance(Duration::from_mins(5));
    let waiting = deployment(&simulator).await;
    assert_eq!(waiting["lifecycleStage"], "POST_TEST_TRAFFIC_SHIFT");
    let statuses: Vec<&Value> =
        waiting["lifecycleHookDetails"].as_array().unwrap().iter().map(|hook| &hook["status"]).collect();
    assert_eq!(statuses, ["AWAITING_ACTION", "SUCCEEDED"]);
    assert_eq!(
        (versions(&simulator, "_serve", 8).await.as_str(), versions(&simulator, "_serve-test", 4).await.as_str()),
        ("11111111", "2222")
    );
    let hook = &waiting["lifecycleHookDetails"][0]["hookId"];
    let go_on = json!({"serviceDeploymentArn": waiting["serviceDeploymentArn"], "hookId": hook, "action": "CONTINUE"});
    ecs(&simulator, "ContinueServiceDeployment", go_on).await;
    simulator.advance(Duration::from_mins(1));
    assert_eq!(deployment(&simulator).await["targetServiceRevision"]["requestedProductionTrafficWeight"], 25.0);
    assert_eq!(versions(&simulator, "_serve", 8).await, "11121112");
    simulator.advance(Duration::from_hours(1));
    assert_eq!(deployment(&simulator).await["status"], "SUCCESSFUL");
    assert_eq!(versions(&simulator, "_serve", 4).await, "2222");
}
