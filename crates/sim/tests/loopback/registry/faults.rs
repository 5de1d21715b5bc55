//! Faults reach the registry: throttling, broken servers, dropped connections, truncated and corrupted layers.

use serde_json::json;
use towpath_sim::faults::{Fault, FaultKind};

use super::support::{Registry, path_of, send, sha256};

/// A fault on the first request that is one of `operation`.
fn once(operation: &str, kind: FaultKind) -> Fault {
    Fault { service: Some("registry".to_owned()), count: Some(1), ..Fault::new(operation, kind) }
}

#[tokio::test]
async fn a_request_is_struck_once_and_good_again() {
    let registry = Registry::start("").await;
    registry.push("shop", "v1", "amd64", "1").await;
    let check = async |kind: FaultKind, expected: (u16, &str)| {
        registry.simulator.add_fault(once("BatchGetImage", kind));
        let struck = registry.get("/v2/shop/manifests/v1").await;
        if expected.0 == 0 {
            assert_eq!(struck.status, 0, "{kind:?}");
        } else {
            assert_eq!(struck.refusal(), (expected.0, expected.1.to_owned()), "{kind:?}");
        }
        assert_eq!(registry.get("/v2/shop/manifests/v1").await.status, 200);
    };
    check(FaultKind::Throttle, (429, "TOOMANYREQUESTS")).await;
    check(FaultKind::ErrorBefore, (500, "UNKNOWN")).await;
    check(FaultKind::ErrorAfter, (500, "UNKNOWN")).await;
    check(FaultKind::Missing, (404, "MANIFEST_UNKNOWN")).await;
    check(FaultKind::ExpiredCredentials, (403, "DENIED")).await;
    check(FaultKind::DropBefore, (0, "")).await;
    check(FaultKind::DropAfter, (0, "")).await;
}

#[tokio::test]
async fn a_layer_breaks_off_or_comes_with_other_bytes() {
    let registry = Registry::start("").await;
    let content = vec![7; 300_000];
    let digest = registry.upload("shop", &content).await;
    let found = registry.get(&format!("/v2/shop/blobs/{digest}")).await;
    let path = path_of(found.header("location").unwrap());
    let fetch = async || send(&registry.simulator, &format!("GET {path}"), &[], b"").await;
    registry.simulator.add_fault(once("GetLayer", FaultKind::Truncate));
    let broken = fetch().await;
    assert_eq!((broken.header("content-length"), broken.body.len()), (Some("300000"), 150_000));
    registry.simulator.add_fault(once("GetLayer", FaultKind::Garbage));
    let corrupted = fetch().await;
    assert_eq!((corrupted.status, corrupted.body.len()), (200, content.len()));
    assert_ne!(sha256(&corrupted.body), digest);
    assert_eq!(sha256(fetch().await.body), digest);
}

#[tokio::test]
async fn a_line_that_breaks_while_a_layer_is_sent_leaves_half_of_it() {
    let registry = Registry::start("").await;
    let begun = registry.send("POST /v2/shop/blobs/uploads/", &[], b"").await;
    let path = path_of(begun.header("location").unwrap());
    registry.simulator.add_fault(once("UploadLayerPart", FaultKind::Truncate));
    assert_eq!(registry.send(&format!("PATCH {path}"), &[], b"0123456789").await.status, 0);
    assert_eq!(registry.get(&path).await.header("range"), Some("0-4"));
    let ended = registry.send(&format!("PUT {path}?digest={}", sha256("0123456789")), &[], b"56789").await;
    assert_eq!(ended.status, 201);
}

#[tokio::test]
async fn a_refusal_with_401_has_a_challenge() {
    let registry = Registry::start("").await;
    let status = Fault { status: Some(401), ..once("GetAuthorizationToken", FaultKind::Status) };
    registry.simulator.add_fault(status);
    let refused = registry.get("/v2/").await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").is_some(), "{refused:?}");
}

#[tokio::test]
async fn what_is_dropped_after_it_was_done_is_done() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1").await;
    registry.simulator.add_fault(once("PutImage", FaultKind::DropAfter));
    assert_eq!(registry.put("shop", "v2", super::support::IMAGE, &manifest).await.status, 0);
    assert_eq!(registry.get("/v2/shop/manifests/v2").await.status, 200);
}

#[tokio::test]
async fn somebody_else_takes_an_image_away_between_two_requests() {
    let registry = Registry::start("").await;
    registry.push("shop", "v1", "amd64", "1").await;
    let call =
        json!({"operation": "BatchDeleteImage", "input": {"repositoryName": "shop", "imageIds": [{"imageTag": "v1"}]}});
    let call = Some(serde_json::from_value(call).unwrap());
    registry.simulator.add_fault(Fault { call, ..once("BatchGetImage", FaultKind::InterfereBefore) });
    assert_eq!(registry.get("/v2/shop/manifests/v1").await.status, 404);
}

#[tokio::test]
async fn every_request_is_in_the_log_of_calls() {
    let registry = Registry::start("").await;
    registry.simulator.clear_calls();
    registry.push("shop", "v1", "amd64", "1").await;
    let calls = registry.simulator.calls();
    let told: Vec<_> = calls.iter().map(|call| (call.operation.as_str(), call.status)).collect();
    assert_eq!(told[0], ("InitiateLayerUpload", Some(202)));
    assert_eq!(told[told.len() - 1], ("PutImage", Some(201)));
    assert!(calls.iter().all(|call| call.service == "registry" && call.accepted && call.account == "111111111111"));
}
