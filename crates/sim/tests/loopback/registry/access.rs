//! Who may: challenges, expired passwords, other accounts with and without a policy, and which registry is meant.

use std::time::Duration;

use serde_json::json;

use super::support::{ACCOUNT, IMAGE, Registry, authorization, ecr, send, sha256};

const OTHER: &str = "333333333333";

#[tokio::test]
async fn nobody_is_let_in_without_a_password() {
    let registry = Registry::start("").await;
    let refused = send(&registry.simulator, "GET /v2/", &[], b"").await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Basic realm=\"http://127.0.0.1:"), "{challenge}");
    assert!(challenge.ends_with("service=\"ecr.amazonaws.com\""), "{challenge}");
    assert_eq!(refused.header("docker-distribution-api-version"), Some("registry/2.0"));
    assert_eq!(registry.get("/v2/").await.status, 200);
    let invented = send(&registry.simulator, "GET /v2/", &[("authorization", "Basic QVdTOng=")], b"").await;
    assert_eq!(invented.refusal(), (403, "DENIED".to_owned()));
}

#[tokio::test]
async fn a_bearer_is_let_in_only_where_a_scenario_says_so() {
    for (knobs, expected) in [("", 401), ("[registry]\nbearer = true", 200)] {
        let registry = Registry::start(knobs).await;
        let bearer = registry.authorization.replace("Basic", "Bearer");
        let answer = send(&registry.simulator, "GET /v2/", &[("authorization", &bearer)], b"").await;
        assert_eq!(answer.status, expected, "{knobs}");
    }
}

#[tokio::test]
async fn the_endpoint_is_the_simulator_unless_told_otherwise() {
    let registry = Registry::start("").await;
    let endpoint = async |registry: &Registry| {
        let answer = registry.ecr("GetAuthorizationToken", json!({})).await.json();
        answer["authorizationData"][0]["proxyEndpoint"].as_str().unwrap().to_owned()
    };
    assert_eq!(endpoint(&registry).await, registry.simulator.endpoint());
    let registry = Registry::start("[registry]\nloopback-endpoint = false").await;
    assert_eq!(endpoint(&registry).await, format!("https://{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com"));
}

#[tokio::test]
async fn a_password_is_good_for_twelve_hours() {
    let registry = Registry::start("start = 2036-01-01T00:00:00Z").await;
    registry.simulator.advance(Duration::from_secs(12 * 3600 - 1));
    assert_eq!(registry.get("/v2/").await.status, 200);
    registry.simulator.advance(Duration::from_secs(1));
    let expired = registry.get("/v2/").await;
    assert_eq!(expired.refusal(), (403, "DENIED".to_owned()));
    let message = "Your authorization token has expired. Reauthenticate and try again.";
    assert_eq!(expired.json()["errors"][0]["message"], message);
}

#[tokio::test]
async fn another_account_reads_and_pushes_as_the_policy_lets_it() {
    let registry = Registry::start("[registry]\nopen-reads = false").await;
    let manifest = registry.push("shop", "v1", "amd64", "1").await;
    let theirs = authorization(&registry.simulator, OTHER).await;
    let path = format!("/v2/{ACCOUNT}/us-west-2/shop/manifests");
    let get = async || {
        let headers = [("authorization", theirs.as_str())];
        send(&registry.simulator, &format!("GET {path}/v1"), &headers, b"").await.status
    };
    let put = async || {
        let headers = [("authorization", theirs.as_str()), ("content-type", IMAGE)];
        send(&registry.simulator, &format!("PUT {path}/v2"), &headers, manifest.as_bytes()).await.status
    };
    assert_eq!((get().await, put().await), (403, 403));
    let allow = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{OTHER}:root")},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}]});
    registry.ecr("SetRepositoryPolicy", json!({"repositoryName": "shop", "policyText": allow.to_string()})).await;
    assert_eq!((get().await, put().await), (200, 403));
    let asked = json!({"registryId": ACCOUNT, "repositoryName": "shop", "imageIds": [{"imageTag": "v1"}]});
    let got = ecr(&registry.simulator, OTHER, "BatchGetImage", &asked).await.json();
    assert_eq!(got["images"][0]["imageId"]["imageDigest"], sha256(&manifest));
    let denied = ecr(&registry.simulator, OTHER, "DescribeImages", &asked).await.json();
    assert_eq!(denied["__type"], "AccessDeniedException");
    let resource = format!("arn:aws:ecr:us-west-2:{ACCOUNT}:repository/shop");
    assert!(denied["message"].as_str().unwrap().contains(&resource), "{denied}");
}

#[tokio::test]
async fn every_account_and_region_has_a_registry_of_its_own() {
    let registry = Registry::start("").await;
    registry.push("shop", "v1", "amd64", "1").await;
    let theirs = authorization(&registry.simulator, OTHER).await;
    let status = async |path: &str, authorization: &str| {
        send(&registry.simulator, &format!("GET {path}"), &[("authorization", authorization)], b"").await.status
    };
    assert_eq!(status("/v2/shop/manifests/v1", &registry.authorization).await, 200);
    assert_eq!(status("/v2/shop/manifests/v1", &theirs).await, 404);
    let whole = format!("/v2/{ACCOUNT}/us-west-2/shop/manifests/v1");
    assert_eq!(status(&whole, &theirs).await, 200);
    let elsewhere = format!("/v2/{ACCOUNT}/eu-central-1/shop/manifests/v1");
    assert_eq!(status(&elsewhere, &registry.authorization).await, 404);
}
