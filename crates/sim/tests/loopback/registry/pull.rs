//! Pulling: manifests by tag and digest, layers by address and range, and lists in pages.

use serde_json::json;

use super::support::{ACCOUNT, IMAGE, INDEX, Registry, path_of, send, sha256};

#[tokio::test]
async fn a_manifest_comes_out_as_it_went_in() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1").await;
    for reference in ["v1", &*sha256(&manifest)] {
        let path = format!("/v2/shop/manifests/{reference}");
        let got = registry.get(&path).await;
        assert_eq!((got.status, got.text(), got.header("content-type")), (200, manifest.as_str(), Some(IMAGE)));
        assert_eq!(got.header("docker-content-digest"), None);
        let head = registry.send(&format!("HEAD {path}"), &[], b"").await;
        assert_eq!(head.header("docker-content-digest"), Some(sha256(&manifest).as_str()));
        assert_eq!(head.header("content-length"), Some(manifest.len().to_string().as_str()));
        assert_eq!(head.text(), "");
    }
    let described = registry.ecr("DescribeImages", json!({"repositoryName": "shop"})).await.json();
    assert!(described["imageDetails"][0]["lastRecordedPullTime"].is_number(), "{described}");
    assert_eq!(registry.get("/v2/shop/manifests/v2").await.refusal(), (404, "MANIFEST_UNKNOWN".to_owned()));
}

#[tokio::test]
async fn the_digest_stands_in_the_answer_to_get_where_a_scenario_says_so() {
    let registry = Registry::start("[registry]\ndigest-on-get = true").await;
    let manifest = registry.push("shop", "v1", "amd64", "1").await;
    let got = registry.get("/v2/shop/manifests/v1").await;
    assert_eq!(got.header("docker-content-digest"), Some(sha256(manifest).as_str()));
}

#[tokio::test]
async fn a_manifest_of_a_type_that_is_not_accepted_is_refused_unless_told_otherwise() {
    let check = async |knobs: &str, accept: &str, expected: u16| {
        let registry = Registry::start(knobs).await;
        registry.push("shop", "v1", "amd64", "1").await;
        let got = registry.send("GET /v2/shop/manifests/v1", &[("accept", accept)], b"").await;
        assert_eq!(got.status, expected, "{knobs} {accept}");
    };
    check("", &format!("{INDEX}, {IMAGE}; q=0.5"), 200).await;
    check("", "*/*", 200).await;
    check("", INDEX, 404).await;
    check("[registry]\nrefuse-unaccepted = false", INDEX, 200).await;
}

#[tokio::test]
async fn a_layer_is_fetched_from_the_address_that_the_registry_names() {
    let registry = Registry::start("").await;
    let digest = registry.upload("shop", b"0123456789").await;
    let head = registry.send(&format!("HEAD /v2/shop/blobs/{digest}"), &[], b"").await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("10")));
    let found = registry.get(&format!("/v2/shop/blobs/{digest}")).await;
    assert_eq!(found.status, 307);
    let path = path_of(found.header("location").unwrap());
    let fetch =
        async |path: &str, range: &[(&str, &str)]| send(&registry.simulator, &format!("GET {path}"), range, b"").await;
    assert_eq!(fetch(&path, &[]).await.text(), "0123456789");
    let part = fetch(&path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status, part.text(), part.header("content-range")), (206, "234", Some("bytes 2-4/10")));
    assert_eq!(fetch(&path, &[("range", "bytes=10-")]).await.status, 416);
    assert_eq!(fetch(&path.replace("signature=", "signature=0"), &[]).await.status, 403);
    // The address is good for an hour of the later of the simulated and the real time.
    registry.simulator.advance(std::time::Duration::from_hours(400 * 24));
    assert_eq!(fetch(&path, &[]).await.refusal(), (403, "AccessDenied".to_owned()));
    let missing = registry.get(&format!("/v2/shop/blobs/{}", sha256("missing"))).await;
    assert_eq!(missing.refusal().0, 403, "the credentials are over too: {missing:?}");
}

#[tokio::test]
async fn a_layer_comes_at_once_where_a_scenario_says_so() {
    let registry = Registry::start("[registry]\nredirect-layers = false").await;
    let digest = registry.upload("shop", b"0123456789").await;
    let got = registry.send(&format!("GET /v2/shop/blobs/{digest}"), &[("range", "bytes=-2")], b"").await;
    assert_eq!((got.status, got.text()), (206, "89"));
    assert_eq!(registry.get(&format!("/v2/shop/blobs/{}", sha256("x"))).await.refusal().1, "BLOB_UNKNOWN");
}

#[tokio::test]
async fn the_control_api_names_an_address_too() {
    let registry = Registry::start("").await;
    let digest = registry.upload("shop", b"0123456789").await;
    let found = registry.ecr("GetDownloadUrlForLayer", json!({"repositoryName": "shop", "layerDigest": digest})).await;
    let path = path_of(found.json()["downloadUrl"].as_str().unwrap());
    assert_eq!(send(&registry.simulator, &format!("GET {path}"), &[], b"").await.text(), "0123456789");
    let missing = json!({"repositoryName": "shop", "layerDigest": sha256("x")});
    assert_eq!(registry.ecr("GetDownloadUrlForLayer", missing).await.json()["__type"], "LayersNotFoundException");
}

#[tokio::test]
async fn tags_and_repositories_are_listed_in_pages() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "a", "amd64", "1").await;
    for tag in ["b", "c"] {
        registry.put("shop", tag, IMAGE, &manifest).await;
    }
    let first = registry.get("/v2/shop/tags/list?n=2").await;
    assert_eq!(first.json(), json!({"name": "shop", "tags": ["a", "b"]}));
    let link = first.header("link").unwrap();
    let next = link.strip_prefix('<').unwrap().split_once('>').unwrap().0;
    let second = registry.get(next).await;
    assert_eq!((second.json()["tags"].clone(), second.header("link")), (json!(["c"]), None));
    assert_eq!(registry.get("/v2/shop/tags/list?n=0").await.refusal().1, "PAGINATION_NUMBER_INVALID");
    assert_eq!(registry.get("/v2/_catalog").await.json(), json!({"repositories": ["shop"]}));
    let whole = registry.get(&format!("/v2/{ACCOUNT}/us-west-2/shop/tags/list")).await;
    assert_eq!(whole.json()["name"], format!("{ACCOUNT}/us-west-2/shop"));
}
