//! Lifecycle policies really expire, in order of priority, and leave what an index needs.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{IMAGE, INDEX, Registry, sha256};

const DAY: Duration = Duration::from_hours(24);

fn rule(priority: u32, selection: &Value) -> Value {
    json!({"rulePriority": priority, "selection": selection, "action": {"type": "expire"}})
}

async fn put(registry: &Registry, rules: &[Value]) {
    let text = json!({"rules": rules}).to_string();
    let put = registry.ecr("PutLifecyclePolicy", json!({"repositoryName": "shop", "lifecyclePolicyText": text})).await;
    assert_eq!(put.status, 200, "{put:?}");
}

/// The tags that are left, and how many images have none.
async fn left(registry: &Registry) -> (Vec<String>, usize) {
    let listed = registry.ecr("ListImages", json!({"repositoryName": "shop"})).await.json();
    let ids = listed["imageIds"].as_array().unwrap();
    let mut tags: Vec<_> = ids.iter().filter_map(|id| id["imageTag"].as_str()).map(str::to_owned).collect();
    tags.sort();
    let untagged = ids.iter().filter(|id| id["imageTag"].is_null()).count();
    (tags, untagged)
}

/// Pushes an image a day, each with one of the tags.
async fn push_daily(registry: &Registry, tags: &[&str]) {
    for tag in tags {
        registry.push("shop", tag, "amd64", tag).await;
        registry.simulator.advance(DAY);
    }
}

#[tokio::test]
async fn the_oldest_go_when_there_are_too_many() {
    let registry = Registry::start("").await;
    push_daily(&registry, &["v1", "v2", "v3", "other"]).await;
    let selection =
        json!({"tagStatus": "tagged", "tagPrefixList": ["v"], "countType": "imageCountMoreThan", "countNumber": 1});
    put(&registry, &[rule(1, &selection)]).await;
    registry.simulator.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(left(&registry).await.0.len(), 4);
    registry.simulator.advance(Duration::from_secs(1));
    assert_eq!(left(&registry).await.0, ["other", "v3"]);
    let got = registry.ecr("GetLifecyclePolicy", json!({"repositoryName": "shop"})).await.json();
    assert!(got["lastEvaluatedAt"].is_number(), "{got}");
    assert_eq!(registry.get("/v2/shop/manifests/v1").await.status, 404);
}

#[tokio::test]
async fn what_was_pushed_too_long_ago_goes_day_by_day() {
    let registry = Registry::start("[registry]\nlifecycle-every = 3600").await;
    let selection = json!({"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 2});
    put(&registry, &[rule(1, &selection)]).await;
    let digest = sha256(registry.push("shop", "v1", "amd64", "1").await);
    registry.simulator.advance(2 * DAY);
    assert_eq!(left(&registry).await.0, ["v1"]);
    registry.simulator.advance(Duration::from_hours(1));
    assert_eq!(left(&registry).await, (vec![], 0));
    let asked = json!({"repositoryName": "shop", "imageIds": [{"imageDigest": digest}]});
    let got = registry.ecr("BatchGetImage", asked).await.json();
    assert_eq!(got["failures"][0]["failureCode"], "ImageNotFound");
}

#[tokio::test]
async fn what_a_rule_of_higher_priority_keeps_is_kept() {
    let registry = Registry::start("").await;
    push_daily(&registry, &["deployed-production", "v1", "v2"]).await;
    let deployed = json!({"tagStatus": "tagged", "tagPatternList": ["deployed-*"], "countType": "imageCountMoreThan", "countNumber": 9});
    let any = json!({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1});
    put(&registry, &[rule(10, &any), rule(1, &deployed)]).await;
    registry.simulator.advance(DAY);
    assert_eq!(left(&registry).await.0, ["deployed-production", "v2"]);
}

#[tokio::test]
async fn an_image_that_an_index_needs_is_not_expired_alone() {
    let registry = Registry::start("").await;
    let child = registry.push("shop", "", "amd64", "1").await;
    registry.push("shop", "", "arm64", "alone").await;
    let part = json!({"mediaType": IMAGE, "digest": sha256(&child), "size": child.len()});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [part]}).to_string();
    assert_eq!(registry.put("shop", "v1", INDEX, &index).await.status, 201);
    let untagged = json!({"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1});
    let old = json!({"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1});
    put(&registry, &[rule(1, &untagged), rule(2, &old)]).await;
    registry.simulator.advance(3 * DAY);
    // The first rule keeps one image that is alone, and the second one has no say in it.
    assert_eq!(left(&registry).await, (vec!["v1".to_owned()], 2));
    put(&registry, &[rule(1, &old)]).await;
    registry.simulator.advance(DAY);
    assert_eq!(left(&registry).await, (vec!["v1".to_owned()], 1));
    assert_eq!(registry.get(&format!("/v2/shop/manifests/{}", sha256(&child))).await.status, 200);
}

#[tokio::test]
async fn a_preview_shows_what_would_go_and_takes_nothing() {
    let registry = Registry::start("").await;
    push_daily(&registry, &["v1", "v2"]).await;
    let none = registry.ecr("GetLifecyclePolicyPreview", json!({"repositoryName": "shop"})).await.json();
    assert_eq!(none["__type"], "LifecyclePolicyPreviewNotFoundException");
    let selection = json!({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1});
    let text = json!({"rules": [rule(1, &selection)]}).to_string();
    let start = json!({"repositoryName": "shop", "lifecyclePolicyText": text});
    assert_eq!(registry.ecr("StartLifecyclePolicyPreview", start).await.json()["status"], "IN_PROGRESS");
    let shown = registry.ecr("GetLifecyclePolicyPreview", json!({"repositoryName": "shop"})).await.json();
    assert_eq!(shown["previewResults"][0]["imageTags"], json!(["v1"]));
    assert_eq!(shown["summary"]["expiringImageTotalCount"], 1);
    registry.simulator.advance(2 * DAY);
    assert_eq!(left(&registry).await.0.len(), 2);
}

#[tokio::test]
async fn a_policy_that_means_nothing_is_refused() {
    let registry = Registry::start("").await;
    let any = json!({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1});
    let tagged = json!({"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1});
    for rules in [
        json!([]),
        json!([rule(1, &any), rule(1, &tagged)]),
        json!([rule(1, &any), rule(2, &tagged)]),
        json!([{"rulePriority": 1}]),
    ] {
        let text = json!({"rules": rules}).to_string();
        let input = json!({"repositoryName": "shop", "lifecyclePolicyText": text});
        let refused = registry.ecr("PutLifecyclePolicy", input).await.json();
        assert_eq!(refused["__type"], "InvalidParameterException", "{rules}");
    }
    let missing = registry.ecr("GetLifecyclePolicy", json!({"repositoryName": "shop"})).await.json();
    assert_eq!(missing["__type"], "LifecyclePolicyNotFoundException");
}
