//! ECS over loopback with what scenarios say of it: alarms, shortages, other people, throttling.
//!
//! How deployments go is tested beside the scheduler; here it is that a scenario reaches it.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_sim::Simulator;

use crate::support::{Answer, call, start};

const ACCOUNT: &str = "111111111111";

/// A service of two tasks of `shop:1`, with `more` before it.
fn scenario(more: &str) -> String {
    format!(
        r#"
default-account = "111111111111"
default-region = "us-west-2"

{more}

[[services]]
name = "shop"
cluster = "prod"
desired-count = 2
task-definition = {{ family = "shop", containerDefinitions = [{{ name = "app", image = "shop:1", memory = 128 }}] }}

[services.deployment-configuration]
alarms = {{ alarmNames = ["errors"], enable = true, rollback = true }}
"#
    )
}

async fn ask(simulator: &Simulator, operation: &str, input: Value) -> Answer {
    call(simulator, ACCOUNT, &format!("AmazonEC2ContainerServiceV20141113.{operation}"), &input).await
}

async fn deploy(simulator: &Simulator) {
    let definition =
        json!({"family": "shop", "containerDefinitions": [{"name": "app", "image": "shop:2", "memory": 128}]});
    assert_eq!(ask(simulator, "RegisterTaskDefinition", definition).await.status, 200);
    let update = json!({"cluster": "prod", "service": "shop", "taskDefinition": "shop"});
    assert_eq!(ask(simulator, "UpdateService", update).await.status, 200);
}

async fn service(simulator: &Simulator) -> Value {
    ask(simulator, "DescribeServices", json!({"cluster": "prod", "services": ["shop"]})).await.json()["services"][0]
        .clone()
}

/// The statuses of all service deployments, newest first.
async fn statuses(simulator: &Simulator) -> Vec<String> {
    let list = ask(simulator, "ListServiceDeployments", json!({"cluster": "prod", "service": "shop"})).await.json();
    let all = list["serviceDeployments"].as_array().unwrap().iter();
    all.map(|item| item["status"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_scripted_alarm_rolls_a_deployment_back() {
    let alarm =
        "[[alarms]]\nname = \"errors\"\nchanges = [{ when = { rollout = \"shop:2\" }, after = 100, to = \"ALARM\" }]";
    let simulator = start(&scenario(alarm)).await;
    deploy(&simulator).await;
    simulator.advance(Duration::from_secs(95));
    assert_eq!(statuses(&simulator).await[0], "IN_PROGRESS");
    simulator.advance(Duration::from_secs(30));
    assert_eq!(statuses(&simulator).await[0], "ROLLBACK_IN_PROGRESS");
    simulator.advance(Duration::from_mins(5));
    assert_eq!(statuses(&simulator).await, ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]);
    assert!(service(&simulator).await["taskDefinition"].as_str().unwrap().ends_with("shop:1"));
}

#[tokio::test]
async fn somebody_elses_deployment_supersedes_ours() {
    let actor = r#"
[[knobs.actors]]
on = "UpdateService"
after = 10
operation = "UpdateService"
input = { cluster = "prod", service = "shop", forceNewDeployment = true }
"#;
    let simulator = start(&scenario(actor)).await;
    deploy(&simulator).await;
    simulator.advance(Duration::from_secs(11));
    assert_eq!(statuses(&simulator).await, ["IN_PROGRESS", "STOPPED", "SUCCESSFUL"]);
}

#[tokio::test]
async fn a_shortage_of_the_scenario_meets_the_deployments_that_begin_in_it() {
    let shortage = "[[knobs.shortages]]\nkind = \"port\"\nservice = \"shop\"\nafter = 0\nlasts = 300\n";
    let simulator = start(&scenario(shortage)).await;
    deploy(&simulator).await;
    simulator.advance(Duration::from_mins(4));
    let shown = service(&simulator).await;
    assert!(shown["events"][0]["message"].as_str().unwrap().contains("already using a port required by your task."));
    simulator.advance(Duration::from_mins(10));
    assert_eq!(statuses(&simulator).await[0], "SUCCESSFUL");
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_throttled_until_simulated_time_passes() {
    let simulator = start(&scenario("[knobs]\nthrottle = true\n")).await;
    for _ in 0..50 {
        ask(&simulator, "DescribeServiceDeployments", json!({"serviceDeploymentArns": ["arn:none"]})).await;
    }
    let refused = ask(&simulator, "ListServiceDeployments", json!({"cluster": "prod", "service": "shop"})).await;
    assert_eq!((refused.status, refused.json()["message"].as_str()), (400, Some("Rate exceeded")));
    assert!(refused.json()["__type"].as_str().unwrap().ends_with("ThrottlingException"));
    simulator.advance(Duration::from_secs(1));
    assert_eq!(statuses(&simulator).await, ["SUCCESSFUL"]);
}
