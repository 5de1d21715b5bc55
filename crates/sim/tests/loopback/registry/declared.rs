//! Images that a scenario names can be pulled; and ECS runs what was pushed.

use serde_json::json;

use super::support::{ACCOUNT, INDEX, Registry, path_of, sha256};
use crate::support::call;

const HOST: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com";

#[tokio::test]
async fn a_made_up_image_can_be_pulled_whole() {
    let image = "default-account = \"111111111111\"\ndefault-region = \"us-west-2\"\n[[images]]\nrepository = \"web\"\ntags = [\"1\"]\nbehaviour = { version = \"1\" }\n";
    let registry = Registry::start(image).await;
    let manifest = registry.get("/v2/web/manifests/1").await.json();
    let parts = [&manifest["config"], &manifest["layers"][0]];
    for part in parts {
        let digest = part["digest"].as_str().unwrap();
        let found = registry.get(&format!("/v2/web/blobs/{digest}")).await;
        let content = registry.get(&path_of(found.header("location").unwrap())).await;
        assert_eq!(sha256(&content.body), digest);
        assert_eq!(content.body.len(), part["size"]);
    }
}

#[tokio::test]
async fn a_layer_that_a_scenario_did_not_give_is_not_there() {
    let part = json!({"mediaType": "x", "digest": sha256("x"), "size": 1});
    let manifest = json!({"schemaVersion": 2, "mediaType": super::support::IMAGE, "config": part, "layers": []});
    let scenario = format!(
        "default-account = \"{ACCOUNT}\"\ndefault-region = \"us-west-2\"\n[[images]]\nrepository = \"web\"\ntags = [\"1\"]\nmanifest = '{manifest}'\n"
    );
    let registry = Registry::start(&scenario).await;
    assert_eq!(registry.get("/v2/web/manifests/1").await.text(), manifest.to_string());
    let missing = registry.get(&format!("/v2/web/blobs/{}", sha256("x"))).await;
    assert_eq!(missing.refusal(), (404, "BLOB_UNKNOWN".to_owned()));
}

/// Runs a task of `image`, and answers how it is shown after a while.
async fn run(registry: &Registry, image: &str) -> serde_json::Value {
    let ecs = async |operation: &str, input: serde_json::Value| {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        call(&registry.simulator, ACCOUNT, &target, &input).await.json()
    };
    ecs("CreateCluster", json!({"clusterName": "shop"})).await;
    let container = json!({"name": "shop", "image": image, "memory": 128});
    ecs("RegisterTaskDefinition", json!({"family": "shop", "containerDefinitions": [container]})).await;
    let ran = ecs("RunTask", json!({"cluster": "shop", "taskDefinition": "shop"})).await;
    let task = ran["tasks"][0]["taskArn"].as_str().unwrap();
    registry.simulator.advance(std::time::Duration::from_mins(5));
    ecs("DescribeTasks", json!({"cluster": "shop", "tasks": [task]})).await["tasks"][0].clone()
}

#[tokio::test]
async fn ecs_runs_what_was_pushed_and_knows_its_digest() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1.0.0").await;
    let task = run(&registry, &format!("{HOST}/shop:v1")).await;
    assert_eq!(task["lastStatus"], "RUNNING", "{task}");
    assert_eq!(task["containers"][0]["imageDigest"], sha256(manifest));
}

#[tokio::test]
async fn an_image_can_be_named_by_where_it_is_on_loopback() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1.0.0").await;
    let host = registry.simulator.endpoint().replace("http://", "");
    let task = run(&registry, &format!("{host}/{ACCOUNT}/us-west-2/shop:v1")).await;
    assert_eq!(task["containers"][0]["imageDigest"], sha256(manifest), "{task}");
}

#[tokio::test]
async fn an_index_of_attestations_alone_does_not_run() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "", "amd64", "1.0.0").await;
    let child = json!({"mediaType": super::support::IMAGE, "digest": sha256(&manifest), "size": manifest.len(),
        "platform": {"os": "unknown", "architecture": "unknown"}});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [child]}).to_string();
    assert_eq!(registry.put("shop", "v1", INDEX, &index).await.status, 201);
    let task = run(&registry, &format!("{HOST}/shop:v1")).await;
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.contains("does not contain descriptor matching platform"), "{reason}");
}
