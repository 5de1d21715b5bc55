//! What ECS refuses, and in which words.

use serde_json::{Value, json};

use super::scene::Scene;

#[track_caller]
fn check(operation: &str, input: Value, code: &str, words: &str) {
    let mut scene = Scene::steady(json!({}));
    let before = serde_json::to_value(&scene.ecs.world).unwrap();
    let refusal = scene.refusal(operation, input);
    assert_eq!((refusal.status, refusal.code.as_str()), (400, code));
    assert!(refusal.message.contains(words), "{}", refusal.message);
    assert_eq!(serde_json::to_value(&scene.ecs.world).unwrap(), before, "a refusal changed something");
}

fn names(number: usize) -> Value {
    (0..number).map(|index| format!("n{index}")).collect()
}

#[test]
fn unknown_operations_clusters_and_services_are_refused() {
    check("ExecuteCommand", json!({}), "UnknownOperationException", "");
    check("DescribeServices", json!({"services": ["web"]}), "ClusterNotFoundException", "Cluster not found.");
    check(
        "UpdateService",
        json!({"cluster": "prod", "service": "wbe"}),
        "ServiceNotFoundException",
        "Service not found.",
    );
    check("ListServiceDeployments", json!({"cluster": "prod", "service": "wbe"}), "ServiceNotFoundException", "");
    check("ListTasks", json!({"cluster": "prod", "serviceName": "wbe"}), "ServiceNotFoundException", "");
    check(
        "StopTask",
        json!({"cluster": "prod", "task": "none"}),
        "InvalidParameterException",
        "The referenced task was not found.",
    );
}

#[test]
fn too_many_at_once_are_refused() {
    check("DescribeServices", json!({"cluster": "prod", "services": names(11)}), "InvalidParameterException", "10");
    check("DescribeTasks", json!({"cluster": "prod", "tasks": names(101)}), "InvalidParameterException", "100");
    check("DescribeServiceDeployments", json!({"serviceDeploymentArns": names(21)}), "InvalidParameterException", "20");
    check("DescribeServiceRevisions", json!({"serviceRevisionArns": names(21)}), "InvalidParameterException", "20");
    check(
        "RunTask",
        json!({"cluster": "prod", "taskDefinition": "web", "count": 11}),
        "InvalidParameterException",
        "10",
    );
    check("DescribeServices", json!({"cluster": "prod", "services": []}), "InvalidParameterException", "empty");
}

#[test]
fn unknown_task_definitions_are_refused() {
    check(
        "DescribeTaskDefinition",
        json!({"taskDefinition": "none"}),
        "ClientException",
        "Unable to describe task definition.",
    );
    check(
        "UpdateService",
        json!({"cluster": "prod", "service": "web", "taskDefinition": "web:9"}),
        "ClientException",
        "TaskDefinition not found.",
    );
    check(
        "RunTask",
        json!({"cluster": "prod", "taskDefinition": "none"}),
        "ClientException",
        "TaskDefinition not found.",
    );
}

#[test]
fn configurations_that_cannot_work_are_refused() {
    let update =
        |configuration: Value| json!({"cluster": "prod", "service": "web", "deploymentConfiguration": configuration});
    check(
        "UpdateService",
        update(json!({"maximumPercent": 100, "minimumHealthyPercent": 100})),
        "InvalidParameterException",
        "will block deployments",
    );
    check("UpdateService", update(json!({"maximumPercent": 50})), "InvalidParameterException", "maximumPercent");
    check(
        "UpdateService",
        update(json!({"deploymentCircuitBreaker": {"enable": true}})),
        "InvalidParameterException",
        "rollback",
    );
    check(
        "UpdateService",
        json!({"cluster": "prod", "service": "web", "desiredCount": -1}),
        "InvalidParameterException",
        "negative",
    );
}

#[test]
fn network_and_load_balancer_must_fit_the_task_definition() {
    let create = |members: Value| {
        let mut input = json!({"cluster": "prod", "serviceName": "new", "taskDefinition": "web", "desiredCount": 1});
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        input
    };
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    check("CreateService", create(json!({})), "InvalidParameterException", "Network Configuration must be provided");
    let balancer = |name: &str, port: u32| json!({"networkConfiguration": network, "loadBalancers": [{"targetGroupArn": "a", "containerName": name, "containerPort": port}]});
    check(
        "CreateService",
        create(balancer("ap", 80)),
        "InvalidParameterException",
        "does not exist in the task definition",
    );
    check(
        "CreateService",
        create(balancer("app", 81)),
        "InvalidParameterException",
        "did not have a container port 81 defined",
    );
}

#[test]
fn a_service_is_created_once() {
    let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"]}});
    let input = json!({"cluster": "prod", "serviceName": "new", "taskDefinition": "web", "desiredCount": 1, "networkConfiguration": network});
    let mut scene = Scene::steady(json!({}));
    let first = scene.call("CreateService", input.clone());
    let second = scene.call("CreateService", input.clone());
    assert_eq!(first["service"]["deployments"][0]["id"], second["service"]["deployments"][0]["id"]);
    let mut other = input;
    other["desiredCount"] = json!(2);
    assert_eq!(scene.refusal("CreateService", other).message, "Creation of service was not idempotent.");
}

#[test]
fn an_inactive_task_definition_cannot_be_deployed() {
    let mut scene = Scene::steady(json!({}));
    let arn = scene.register("better");
    let answer = scene.call("DeregisterTaskDefinition", json!({"taskDefinition": arn}));
    assert_eq!(answer["taskDefinition"]["status"], "INACTIVE");
    let refusal = scene.refusal("UpdateService", json!({"cluster": "prod", "service": "web", "taskDefinition": arn}));
    assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("ClientException", "TaskDefinition is inactive"));
}

#[test]
fn an_unknown_service_is_a_failure_and_not_an_error() {
    let mut scene = Scene::steady(json!({}));
    let answer = scene.call("DescribeServices", json!({"cluster": "prod", "services": ["web", "wbe"]}));
    assert_eq!(answer["services"].as_array().unwrap().len(), 1);
    assert_eq!(
        answer["failures"],
        json!([{"arn": "arn:aws:ecs:eu-west-1:111122223333:service/prod/wbe", "reason": "MISSING"}])
    );
}
