//! Pushing images: what is taken, what is refused and in which words, and what ECR and ECS see of it then.

use serde_json::json;

use super::support::{ACCOUNT, IMAGE, INDEX, Registry, configuration, manifest, sha256};

#[tokio::test]
async fn what_was_pushed_is_the_image_that_ecr_shows() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1.0.0").await;
    let described = registry.ecr("DescribeImages", json!({"repositoryName": "shop"})).await.json();
    let image = &described["imageDetails"][0];
    assert_eq!(image["imageDigest"], sha256(&manifest));
    assert_eq!(image["imageTags"], json!(["v1"]));
    assert_eq!(image["imageManifestMediaType"], IMAGE);
    assert_eq!(image["imageSizeInBytes"], configuration("amd64", "1.0.0").len() + 5);
    let got = registry.ecr("BatchGetImage", json!({"repositoryName": "shop", "imageIds": [{"imageTag": "v1"}]})).await;
    assert_eq!(got.json()["images"][0]["imageManifest"], manifest);
}

#[tokio::test]
async fn an_index_needs_its_images_and_an_image_its_layers() {
    let registry = Registry::start("").await;
    let (configuration, text) = (configuration("amd64", "1"), "1");
    let manifest = manifest(&configuration, text);
    let refused = registry.put("shop", "v1", IMAGE, &manifest).await;
    assert_eq!(refused.refusal(), (400, "MANIFEST_BLOB_UNKNOWN".to_owned()));
    let message = &refused.json()["errors"][0]["message"];
    assert!(message.as_str().unwrap().contains(&sha256(text)), "{message}");
    let index = index(&[&manifest]);
    let refused = registry.put("shop", "v1", INDEX, &index).await;
    assert_eq!(refused.refusal(), (400, "MANIFEST_BLOB_UNKNOWN".to_owned()));
    registry.push("shop", "", "amd64", "1").await;
    let put = registry.put("shop", "v1", INDEX, &index).await;
    assert_eq!((put.status, put.header("docker-content-digest")), (201, Some(sha256(&index).as_str())));
}

fn index(manifests: &[&str]) -> String {
    let child = |manifest: &&str| {
        json!({"mediaType": IMAGE, "digest": sha256(manifest), "size": manifest.len(),
            "platform": {"os": "linux", "architecture": "amd64"}})
    };
    let children: Vec<_> = manifests.iter().map(child).collect();
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).to_string()
}

#[tokio::test]
async fn what_is_no_manifest_or_has_another_digest_or_type_is_refused() {
    let registry = Registry::start("").await;
    let manifest = registry.push("shop", "v1", "amd64", "1").await;
    for (reference, kind, body, expected) in [
        ("v2", IMAGE, "{", (405, "UNSUPPORTED")),
        ("v2", IMAGE, "{\"schemaVersion\": 2}", (405, "UNSUPPORTED")),
        ("v2", INDEX, manifest.as_str(), (405, "UNSUPPORTED")),
        ("v2", "text/plain", "{\"schemaVersion\": 2, \"layers\": []}", (405, "UNSUPPORTED")),
        (&*sha256("other"), IMAGE, manifest.as_str(), (400, "DIGEST_INVALID")),
        ("-v2", IMAGE, manifest.as_str(), (405, "UNSUPPORTED")),
    ] {
        let refused = registry.put("shop", reference, kind, body).await;
        assert_eq!(refused.refusal(), (expected.0, expected.1.to_owned()), "{reference} {kind} {body}");
    }
    let large = " ".repeat(4 * 1024 * 1024 + 1);
    assert_eq!(registry.put("shop", "v2", IMAGE, &large).await.refusal().0, 413);
}

#[tokio::test]
async fn an_immutable_tag_stays_where_it_is() {
    let check = async |knobs: &str, expected: u16| {
        let registry = Registry::start(knobs).await;
        let create = json!({"repositoryName": "fixed", "imageTagMutability": "IMMUTABLE"});
        registry.ecr("CreateRepository", create).await;
        let one = registry.push("fixed", "v1", "amd64", "1").await;
        let two = registry.push("fixed", "", "amd64", "2").await;
        let other = registry.put("fixed", "v1", IMAGE, &two).await;
        assert_eq!(other.refusal(), (400, "TAG_INVALID".to_owned()));
        assert_eq!(
            other.json()["errors"][0]["message"],
            "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the tag is immutable."
        );
        assert_eq!(registry.put("fixed", "v1", IMAGE, &one).await.status, expected, "{knobs}");
    };
    check("", 400).await;
    check("[registry]\nrefuse-same-push = false", 201).await;
}

#[tokio::test]
async fn a_repository_that_is_not_there_is_not_made() {
    let registry = Registry::start("").await;
    let refused = registry.send("POST /v2/nowhere/blobs/uploads/", &[], b"").await;
    assert_eq!(refused.refusal(), (404, "NAME_UNKNOWN".to_owned()));
    assert_eq!(
        refused.json()["errors"][0]["message"],
        format!("The repository with name 'nowhere' does not exist in the registry with id '{ACCOUNT}'")
    );
}

#[tokio::test]
async fn an_image_can_be_deleted_by_tag_and_by_digest_where_the_registry_lets_it() {
    let registry = Registry::start("").await;
    let digest = sha256(registry.push("shop", "v1", "amd64", "1").await);
    registry.put("shop", "v2", IMAGE, registry.get("/v2/shop/manifests/v1").await.text()).await;
    let delete =
        async |reference: &str| registry.send(&format!("DELETE /v2/shop/manifests/{reference}"), &[], b"").await.status;
    assert_eq!(delete("v1").await, 202);
    assert_eq!(registry.get("/v2/shop/manifests/v2").await.status, 200);
    assert_eq!(delete(&digest).await, 202);
    assert_eq!(delete(&digest).await, 404);
    let registry = Registry::start("[registry]\ndelete-by-registry = false").await;
    registry.push("shop", "v1", "amd64", "1").await;
    assert_eq!(registry.send("DELETE /v2/shop/manifests/v1", &[], b"").await.status, 405);
}

#[tokio::test]
async fn what_is_about_an_image_is_found_by_it() {
    let registry = Registry::start("").await;
    let subject = registry.push("shop", "v1", "amd64", "1").await;
    let configuration = "{}";
    registry.upload("shop", configuration.as_bytes()).await;
    let mut signature: serde_json::Value = serde_json::from_str(&manifest(configuration, "1")).unwrap();
    signature["artifactType"] = "application/vnd.example.signature".into();
    signature["subject"] = json!({"mediaType": IMAGE, "digest": sha256(&subject), "size": subject.len()});
    let signature = signature.to_string();
    let put = registry.put("shop", &sha256(&signature), IMAGE, &signature).await;
    assert_eq!(put.header("oci-subject"), Some(sha256(&subject).as_str()), "{put:?}");
    let path = format!("/v2/shop/referrers/{}", sha256(&subject));
    let found = registry.get(&path).await;
    assert_eq!(found.header("content-type"), Some(INDEX));
    assert_eq!(found.json()["manifests"][0]["digest"], sha256(&signature));
    let other = registry.get(&format!("{path}?artifactType=other")).await;
    assert_eq!(other.header("oci-filters-applied"), Some("artifactType"));
    assert_eq!(other.json()["manifests"], json!([]));
    assert_eq!(registry.get("/v2/shop/referrers/v1").await.refusal().0, 400);
}
