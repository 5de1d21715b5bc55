//! The upload protocol: chunks in order, digests that are checked, mounts and uploads that are given up.

use serde_json::json;

use super::support::{Registry, path_of, sha256};
use crate::support::{options, start};

async fn begin(registry: &Registry) -> String {
    let begun = registry.send("POST /v2/shop/blobs/uploads/", &[], b"").await;
    assert_eq!((begun.status, begun.header("range")), (202, Some("0-0")));
    assert!(begun.header("docker-upload-uuid").is_some());
    path_of(begun.header("location").unwrap())
}

#[tokio::test]
async fn chunks_come_in_order_or_are_refused_with_where_the_upload_stands() {
    let registry = Registry::start("[registry]\nchunk-is-accepted = true\nrange-advances = true").await;
    let path = begin(&registry).await;
    let send_chunk = async |range: &str, body: &[u8]| {
        let answer = registry.send(&format!("PATCH {path}"), &[("content-range", range)], body).await;
        (answer.status, answer.header("range").unwrap_or_default().to_owned())
    };
    assert_eq!(send_chunk("0-3", b"abcd").await, (202, "0-3".to_owned()));
    assert_eq!(send_chunk("5-6", b"fg").await, (416, "0-3".to_owned()));
    assert_eq!(send_chunk("0-3", b"abcd").await, (416, "0-3".to_owned()));
    assert_eq!(send_chunk("nonsense", b"ef").await, (416, "0-3".to_owned()));
    assert_eq!(send_chunk("4-5", b"ef").await, (202, "0-5".to_owned()));
    let status = registry.get(&path).await;
    assert_eq!((status.status, status.header("range")), (204, Some("0-5")));
    let ended = registry.send(&format!("PUT {path}?digest={}", sha256("abcdefg")), &[], b"g").await;
    assert_eq!((ended.status, ended.header("docker-content-digest")), (201, Some(sha256("abcdefg").as_str())));
    assert_eq!(registry.get(&path).await.refusal(), (404, "BLOB_UPLOAD_UNKNOWN".to_owned()));
}

#[tokio::test]
async fn chunks_are_created_and_their_range_stays_as_users_report() {
    let registry = Registry::start("").await;
    let path = begin(&registry).await;
    for (range, body) in [("0-3", b"abcd"), ("4-7", b"efgh")] {
        let answer = registry.send(&format!("PATCH {path}"), &[("content-range", range)], body).await;
        assert_eq!((answer.status, answer.header("range")), (201, Some("0-3")));
    }
    let ended = registry.send(&format!("PUT {path}?digest={}", sha256("abcdefgh")), &[], b"").await;
    assert_eq!(ended.status, 201);
}

#[tokio::test]
async fn a_chunk_without_a_range_is_appended() {
    let registry = Registry::start("").await;
    let path = begin(&registry).await;
    registry.send(&format!("PATCH {path}"), &[], b"abc").await;
    registry.send(&format!("PATCH {path}"), &[], b"def").await;
    let ended = registry.send(&format!("PUT {path}?digest={}", sha256("abcdef")), &[], b"").await;
    assert_eq!(ended.status, 201);
}

#[tokio::test]
async fn a_digest_that_does_not_match_ends_the_upload() {
    let registry = Registry::start("").await;
    let path = begin(&registry).await;
    let wrong = registry.send(&format!("PUT {path}?digest={}", sha256("other")), &[], b"abc").await;
    assert_eq!(wrong.refusal(), (400, "BLOB_UPLOAD_INVALID".to_owned()));
    assert_eq!(registry.get(&path).await.status, 404);
    let path = begin(&registry).await;
    assert_eq!(registry.send(&format!("PUT {path}"), &[], b"abc").await.refusal().1, "DIGEST_INVALID");
}

#[tokio::test]
async fn a_layer_without_bytes_is_taken_unless_told_otherwise() {
    for (knobs, expected) in [("", 201), ("[registry]\nrefuse-empty-layers = true", 400)] {
        let registry = Registry::start(knobs).await;
        let path = begin(&registry).await;
        let ended = registry.send(&format!("PUT {path}?digest={}", sha256("")), &[], b"").await;
        assert_eq!(ended.status, expected, "{knobs}");
    }
}

#[tokio::test]
async fn an_upload_can_be_given_up_and_is_its_repositorys_alone() {
    let registry = Registry::start("").await;
    registry.ecr("CreateRepository", json!({"repositoryName": "other"})).await;
    let path = begin(&registry).await;
    assert_eq!(registry.get(&path.replace("/shop/", "/other/")).await.status, 404);
    assert_eq!(registry.send(&format!("DELETE {path}"), &[], b"").await.status, 204);
    assert_eq!(registry.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_layer_may_come_with_the_first_request() {
    let registry = Registry::start("").await;
    let line = format!("POST /v2/shop/blobs/uploads/?digest={}", sha256("abc"));
    assert_eq!(registry.send(&line, &[], b"abc").await.status, 201);
}

#[tokio::test]
async fn a_layer_is_mounted_only_once_the_account_wants_that() {
    let registry = Registry::start("").await;
    registry.ecr("CreateRepository", json!({"repositoryName": "other"})).await;
    let digest = registry.upload("shop", b"abc").await;
    let mount = async || {
        let line = format!("POST /v2/other/blobs/uploads/?mount={}&from=shop", digest.replace(':', "%3A"));
        registry.send(&line, &[], b"").await.status
    };
    assert_eq!(mount().await, 202);
    registry.ecr("PutAccountSetting", json!({"name": "BLOB_MOUNTING", "value": "ENABLED"})).await;
    assert_eq!(mount().await, 201);
    assert_eq!(registry.send(&format!("HEAD /v2/other/blobs/{digest}"), &[], b"").await.status, 200);
    let unknown = format!("POST /v2/other/blobs/uploads/?mount={}&from=shop", sha256("unknown"));
    assert_eq!(registry.send(&unknown, &[], b"").await.status, 202);
}

#[tokio::test]
async fn a_layer_comes_over_the_control_api_in_parts_too() {
    let registry = Registry::start("").await;
    let begun = registry.ecr("InitiateLayerUpload", json!({"repositoryName": "shop"})).await.json();
    let part = async |first: u64, last: u64, blob: &str| {
        let input = json!({"repositoryName": "shop", "uploadId": begun["uploadId"], "partFirstByte": first,
            "partLastByte": last, "layerPartBlob": blob});
        registry.ecr("UploadLayerPart", input).await
    };
    assert_eq!(part(1, 3, "YWJj").await.json()["__type"], "InvalidLayerPartException");
    assert_eq!(part(0, 2, "YWJj").await.json()["lastByteReceived"], 2);
    let complete = async |digest: String| {
        let input = json!({"repositoryName": "shop", "uploadId": begun["uploadId"], "layerDigests": [digest]});
        registry.ecr("CompleteLayerUpload", input).await.json()
    };
    assert_eq!(complete(sha256("abc")).await["layerDigest"], sha256("abc"));
    assert_eq!(complete(sha256("abc")).await["__type"], "UploadNotFoundException");
    let input = json!({"repositoryName": "shop", "layerDigests": [sha256("abc"), sha256("d"), "d"]});
    let checked = registry.ecr("BatchCheckLayerAvailability", input).await.json();
    assert_eq!(checked["layers"][0]["layerSize"], 3);
    assert_eq!(checked["layers"][1]["layerAvailability"], "UNAVAILABLE");
    assert_eq!(checked["failures"][0]["failureCode"], "InvalidLayerDigest");
}

#[tokio::test]
async fn layers_are_kept_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let options = || towpath_sim::Options { state: Some(folder.path().to_owned()), ..options("") };
    let simulator = towpath_sim::Simulator::start(options()).await.unwrap();
    let authorization = super::support::authorization(&simulator, super::support::ACCOUNT).await;
    let registry = Registry { simulator, authorization };
    registry.ecr("CreateRepository", json!({"repositoryName": "shop"})).await;
    registry.push("shop", "v1", "amd64", "1").await;
    registry.simulator.shutdown().await.unwrap();
    let simulator = towpath_sim::Simulator::start(options()).await.unwrap();
    let registry = Registry { simulator, authorization: registry.authorization };
    let found = registry.send(&format!("GET /v2/shop/blobs/{}", sha256("1")), &[], b"").await;
    let path = path_of(found.header("location").unwrap());
    assert_eq!(registry.get(&path).await.text(), "1");
    drop(start("").await);
}
