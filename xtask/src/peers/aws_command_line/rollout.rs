//! ECS: rollouts that go through their states, one that ECS takes back, and what the waiter makes of it.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{
    Check,
    client::{Client, expect, text},
};

/// Longer than any rollout takes, the scheduler's pauses included.
const LONG: u32 = 7200;

/// Much shorter than stopped tasks are remembered.
const SHORT: u32 = 900;

/// From `PENDING` to `IN_PROGRESS`, see `world.toml`.
const PENDING: u32 = 125;

const REGISTRY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com";
const DEFINITION: &str = "arn:aws:ecs:us-west-2:111111111111:task-definition/web";

pub(super) const CHECKS: [Check; 6] = [
    ("task definitions are registered, described and listed", task_definitions),
    ("a new service rolls out, PENDING to SUCCESSFUL", creation),
    ("an update replaces the tasks, IN_PROGRESS to COMPLETED", update),
    ("tasks and service revisions tell the digest that runs", tasks),
    ("the circuit breaker rolls back, and services-stable exits 0 all the same", rollback),
    ("what is not there is missing or refused", absence),
];

fn task_definitions(client: &Client<'_>) -> Result<()> {
    for (revision, tag) in [(1, "1"), (2, "2"), (3, "broken")] {
        let image = format!("{REGISTRY}/web:{tag}");
        let containers = json!([{"name": "web", "image": image, "memory": 128, "essential": true,
            "environment": [{"name": "STAGE", "value": "peer"}]}]);
        let containers = ["--container-definitions", &containers.to_string()];
        let registered = client.aws_with("ecs register-task-definition --family web", &containers)?;
        let arn = format!("{DEFINITION}:{revision}");
        expect(&registered, "/taskDefinition/taskDefinitionArn", &*arn)?;
        expect(&registered, "/taskDefinition/revision", revision)?;
        let described = client.aws(&format!("ecs describe-task-definition --task-definition {arn}"))?;
        expect(&described, "/taskDefinition", registered["taskDefinition"].clone())?;
        expect(&described, "/taskDefinition/status", "ACTIVE")?;
        expect(&described, "/taskDefinition/containerDefinitions/0/image", image)?;
    }
    let listed = "ecs list-task-definitions --family-prefix web --sort DESC --max-items 2";
    let newest = json!([format!("{DEFINITION}:3"), format!("{DEFINITION}:2")]);
    expect(&client.aws(listed)?, "/taskDefinitionArns", newest)
}

fn creation(client: &Client<'_>) -> Result<()> {
    let made = client.aws("ecs create-cluster --cluster-name shop")?;
    expect(&made, "/cluster/status", "ACTIVE")?;
    let configuration = json!({"deploymentCircuitBreaker": {"enable": true, "rollback": true},
        "minimumHealthyPercent": 100, "maximumPercent": 200});
    let created = client.aws_with(
        "ecs create-service --cluster shop --service-name web --task-definition web:1 --desired-count 2",
        &["--deployment-configuration", &configuration.to_string()],
    )?;
    expect(&created, "/service/deployments/0/rolloutState", "IN_PROGRESS")?;
    expect(&created, "/service/runningCount", 0)?;
    expect(&newest_deployment(client)?, "/status", "PENDING")?;
    client.simulated.advance(PENDING)?;
    let deployment = newest_deployment(client)?;
    expect(&deployment, "/status", "IN_PROGRESS")?;
    expect(&deployment, "/targetServiceRevision/requestedTaskCount", 2)?;
    client.simulated.advance(LONG)?;
    let deployment = newest_deployment(client)?;
    expect(&deployment, "/status", "SUCCESSFUL")?;
    expect(&deployment, "/targetServiceRevision/runningTaskCount", 2)?;
    let service = service(client)?;
    expect(&service, "/runningCount", 2)?;
    expect(&service, "/deployments/0/rolloutState", "COMPLETED")
}

fn update(client: &Client<'_>) -> Result<()> {
    let before = service(client)?;
    let updated = update_to(client, "web:2")?;
    expect(&updated, "/taskDefinition", format!("{DEFINITION}:2"))?;
    expect(&updated, "/deployments/0/status", "PRIMARY")?;
    expect(&updated, "/deployments/0/rolloutState", "IN_PROGRESS")?;
    expect(&updated, "/deployments/1/status", "ACTIVE")?;
    let old = text(&before, "/deployments/0/id")?;
    expect(&updated, "/deployments/1/id", old)?;
    expect(&newest_deployment(client)?, "/status", "PENDING")?;
    client.simulated.advance(PENDING)?;
    let deployment = newest_deployment(client)?;
    expect(&deployment, "/status", "IN_PROGRESS")?;
    let source = text(&deployment, "/sourceServiceRevisions/0/arn")?;
    ensure!(source.ends_with(old.trim_start_matches("ecs-svc/")), "the rollout comes from {source}, not from {old}");
    client.simulated.advance(LONG)?;
    expect(&newest_deployment(client)?, "/status", "SUCCESSFUL")?;
    let service = service(client)?;
    expect(&service, "/deployments/0/rolloutState", "COMPLETED")?;
    expect(&service, "/deployments/0/taskDefinition", format!("{DEFINITION}:2"))?;
    ensure!(service.pointer("/deployments/1").is_none(), "the old deployment is still listed");
    wait_until_stable(client)
}

fn tasks(client: &Client<'_>) -> Result<()> {
    let listed = client.aws("ecs list-tasks --cluster shop --service-name web")?;
    let arns = listed["taskArns"].as_array().cloned().unwrap_or_default();
    let arns: Vec<&str> = arns.iter().filter_map(Value::as_str).collect();
    ensure!(arns.len() == 2, "the service has {} tasks, not 2", arns.len());
    let described = client.aws_with("ecs describe-tasks --cluster shop --tasks", &arns)?;
    let images = client.aws("ecr describe-images --repository-name web --image-ids imageTag=2")?;
    let digest = text(&images, "/imageDetails/0/imageDigest")?;
    let definition = format!("{DEFINITION}:2");
    for task in 0..2 {
        let at = |member: &str| format!("/tasks/{task}/{member}");
        expect(&described, &at("lastStatus"), "RUNNING")?;
        expect(&described, &at("taskDefinitionArn"), &*definition)?;
        expect(&described, &at("containers/0/imageDigest"), digest)?;
    }
    let deployment = newest_deployment(client)?;
    let revision = text(&deployment, "/targetServiceRevision/arn")?;
    let words = ["--service-revision-arns", revision];
    let described = client.aws_with("ecs describe-service-revisions", &words)?;
    let revision = &described["serviceRevisions"][0];
    expect(revision, "/taskDefinition", definition)?;
    expect(revision, "/containerImages/0/imageDigest", digest)
}

/// The false positive that asking for stability brings: the waiter is content, although the release was taken back.
fn rollback(client: &Client<'_>) -> Result<()> {
    update_to(client, "web:3")?;
    let deployment = ended_deployment(client)?;
    expect(&deployment, "/status", "ROLLBACK_SUCCESSFUL")?;
    expect(&deployment, "/deploymentCircuitBreaker/status", "TRIGGERED")?;
    let service = service(client)?;
    expect(&service, "/taskDefinition", format!("{DEFINITION}:2"))?;
    expect(&service, "/deployments/0/rolloutState", "COMPLETED")?;
    expect(&service, "/runningCount", 2)?;
    wait_until_stable(client)?;
    let line = "ecs list-tasks --cluster shop --family web --desired-status STOPPED";
    let stopped = client.aws(line)?;
    ensure!(stopped.pointer("/taskArns/0").is_some(), "no stopped task is left to be asked about");
    Ok(())
}

fn absence(client: &Client<'_>) -> Result<()> {
    let described = client.aws("ecs describe-services --cluster shop --services nobody")?;
    expect(&described, "/services", json!([]))?;
    expect(&described, "/failures/0/reason", "MISSING")?;
    let unknown = "ecs describe-task-definition --task-definition web:99";
    client.refused("ClientException", unknown, &[])?;
    let nowhere = "ecs describe-services --cluster nowhere --services web";
    client.refused("ClusterNotFoundException", nowhere, &[])
}

fn update_to(client: &Client<'_>, task_definition: &str) -> Result<Value> {
    let words = ["--task-definition", task_definition];
    let mut updated = client.aws_with("ecs update-service --cluster shop --service web", &words)?;
    Ok(updated["service"].take())
}

fn service(client: &Client<'_>) -> Result<Value> {
    let mut described = client.aws("ecs describe-services --cluster shop --services web")?;
    expect(&described, "/failures", json!([]))?;
    Ok(described["services"][0].take())
}

/// Ends without an error only where the command line says that the service is stable.
fn wait_until_stable(client: &Client<'_>) -> Result<()> {
    let line = "ecs wait services-stable --cluster shop --services web";
    client.aws(line).map(drop)
}

/// The newest deployment once it has ended, looked at often: ECS forgets stopped tasks after an hour.
fn ended_deployment(client: &Client<'_>) -> Result<Value> {
    let mut deployment = newest_deployment(client)?;
    for _ in 0..2 * LONG / SHORT {
        if !["PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS"].contains(&text(&deployment, "/status")?) {
            break;
        }
        client.simulated.advance(SHORT)?;
        deployment = newest_deployment(client)?;
    }
    Ok(deployment)
}

/// The service's newest deployment, listed and described, which have to agree.
fn newest_deployment(client: &Client<'_>) -> Result<Value> {
    let listed = client.aws("ecs list-service-deployments --cluster shop --service web")?;
    let listed = &listed["serviceDeployments"][0];
    let words = ["--service-deployment-arns", text(listed, "/serviceDeploymentArn")?];
    let mut described = client.aws_with("ecs describe-service-deployments", &words)?;
    let described = described["serviceDeployments"][0].take();
    expect(&described, "/status", listed["status"].clone())?;
    Ok(described)
}
