//! Scans go as a scenario says: basic and enhanced ones, those that never end, and those that cannot begin.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_sim::ecr::ScanSpec;

use super::support::{IMAGE, INDEX, Registry, sha256};

const BASIC: &str = r#"
[[scans]]
repository = "shop"
image = "v1"
counts = { CRITICAL = 1, LOW = 120 }
findings = [{ name = "CVE-2026-0001", severity = "HIGH", package = "openssl", version = "3.0.1", fixed-in = "3.0.2" }]

[[scans]]
image = "stuck"
never-ends = true

[[scans]]
image = "odd"
is-unsupported = true

[[scans]]
image = "failed"
status = "FAILED"
"#;

async fn describe(registry: &Registry, tag: &str) -> Value {
    let input = json!({"repositoryName": "shop", "imageId": {"imageTag": tag}});
    registry.ecr("DescribeImageScanFindings", input).await.json()
}

async fn start(registry: &Registry, tag: &str) -> Value {
    let input = json!({"repositoryName": "shop", "imageId": {"imageTag": tag}});
    registry.ecr("StartImageScan", input).await.json()
}

fn status(answer: &Value) -> &str {
    answer["imageScanStatus"]["status"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn a_basic_scan_takes_its_time_and_finds_what_was_written_down() {
    let registry = Registry::start(BASIC).await;
    registry.push("shop", "v1", "amd64", "1").await;
    assert_eq!(describe(&registry, "v1").await["__type"], "ScanNotFoundException");
    assert_eq!(status(&start(&registry, "v1").await), "IN_PROGRESS");
    let going_on = describe(&registry, "v1").await;
    assert_eq!((status(&going_on), &going_on["imageScanFindings"]), ("IN_PROGRESS", &Value::Null));
    registry.simulator.advance(Duration::from_secs(30));
    let ended = describe(&registry, "v1").await;
    let findings = &ended["imageScanFindings"];
    assert_eq!(status(&ended), "COMPLETE");
    assert_eq!(findings["findingSeverityCounts"], json!({"LOW": 120, "HIGH": 1, "CRITICAL": 1}));
    assert_eq!(findings["findings"][0]["name"], "CVE-2026-0001");
    assert_eq!(findings["findings"].as_array().unwrap().len(), 100);
    let next = json!({"repositoryName": "shop", "imageId": {"imageTag": "v1"}, "nextToken": ended["nextToken"]});
    let next = registry.ecr("DescribeImageScanFindings", next).await.json();
    assert_eq!(next["imageScanFindings"]["findings"].as_array().unwrap().len(), 22);
    assert_eq!(next["nextToken"], Value::Null);
}

#[tokio::test]
async fn an_image_is_scanned_once_a_day() {
    let registry = Registry::start(BASIC).await;
    registry.push("shop", "v1", "amd64", "1").await;
    start(&registry, "v1").await;
    assert_eq!(start(&registry, "v1").await["__type"], "LimitExceededException");
    registry.simulator.advance(Duration::from_hours(24));
    assert_eq!(status(&start(&registry, "v1").await), "IN_PROGRESS");
    let registry = Registry::start("[registry]\nscan-again-after = 0").await;
    registry.push("shop", "v1", "amd64", "1").await;
    start(&registry, "v1").await;
    assert_eq!(status(&start(&registry, "v1").await), "IN_PROGRESS");
}

#[tokio::test]
async fn a_scan_may_never_end_fail_or_not_even_begin() {
    let registry = Registry::start(BASIC).await;
    for tag in ["stuck", "odd", "failed"] {
        registry.push("shop", tag, "amd64", tag).await;
    }
    start(&registry, "stuck").await;
    start(&registry, "failed").await;
    assert_eq!(start(&registry, "odd").await["__type"], "UnsupportedImageTypeException");
    registry.simulator.advance(Duration::from_hours(240));
    assert_eq!(status(&describe(&registry, "stuck").await), "IN_PROGRESS");
    let failed = describe(&registry, "failed").await;
    assert_eq!(status(&failed), "FAILED");
    assert!(failed["imageScanStatus"]["description"].as_str().unwrap().starts_with("UnsupportedImageError"));
    assert_eq!(start(&registry, "missing").await["__type"], "ImageNotFoundException");
}

/// Pushes an index of one image under the tag.
async fn push_index(registry: &Registry, tag: &str) -> String {
    let child = registry.push("shop", "", "amd64", tag).await;
    let part = json!({"mediaType": IMAGE, "digest": sha256(&child), "size": child.len()});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [part]}).to_string();
    assert_eq!(registry.put("shop", tag, INDEX, &index).await.status, 201);
    sha256(&child)
}

#[tokio::test]
async fn an_index_is_not_scanned_and_its_images_are_unless_told_otherwise() {
    let registry = Registry::start("").await;
    let child = push_index(&registry, "v1").await;
    assert_eq!(start(&registry, "v1").await["__type"], "UnsupportedImageTypeException");
    let input = json!({"repositoryName": "shop", "imageId": {"imageDigest": child}});
    let begun = registry.ecr("StartImageScan", input).await.json();
    assert_eq!(begun["imageId"]["imageDigest"], child);
    let registry = Registry::start("[registry]\nscan-indexes = true").await;
    push_index(&registry, "v1").await;
    assert_eq!(status(&start(&registry, "v1").await), "IN_PROGRESS");
}

#[tokio::test]
async fn a_push_begins_a_scan_where_the_repository_says_so() {
    let registry = Registry::start("").await;
    let on = json!({"repositoryName": "shop", "imageScanningConfiguration": {"scanOnPush": true}});
    registry.ecr("PutImageScanningConfiguration", on).await;
    registry.push("shop", "v1", "amd64", "1").await;
    assert_eq!(status(&describe(&registry, "v1").await), "IN_PROGRESS");
    let asked = json!({"repositoryNames": ["shop", "nowhere"]});
    let configured = registry.ecr("BatchGetRepositoryScanningConfiguration", asked).await.json();
    assert_eq!(configured["scanningConfigurations"][0]["scanFrequency"], "SCAN_ON_PUSH");
    assert_eq!(configured["failures"][0]["failureCode"], "REPOSITORY_NOT_FOUND");
}

#[tokio::test]
async fn an_enhanced_scan_is_registered_late_and_never_complete() {
    let scenario = "[registry]\nscan-type = \"enhanced\"\n[[scans]]\nregistered-after = 60\ncounts = { HIGH = 2 }";
    let registry = Registry::start(scenario).await;
    registry.push("shop", "v1", "amd64", "1").await;
    assert_eq!(describe(&registry, "v1").await["__type"], "ScanNotFoundException");
    assert_eq!(start(&registry, "v1").await["__type"], "ValidationException");
    registry.simulator.advance(Duration::from_mins(1));
    assert_eq!(status(&describe(&registry, "v1").await), "PENDING");
    registry.simulator.advance(Duration::from_secs(30));
    let found = describe(&registry, "v1").await;
    assert_eq!(status(&found), "ACTIVE");
    let finding = &found["imageScanFindings"]["enhancedFindings"][0];
    assert_eq!((finding["severity"].as_str(), finding["status"].as_str()), (Some("HIGH"), Some("ACTIVE")));
    let container = &finding["resources"][0]["details"]["awsEcrContainerImage"];
    assert_eq!((container["architecture"].as_str(), &container["imageTags"]), (Some("amd64"), &json!(["v1"])));
    assert_eq!(found["imageScanFindings"]["findings"], Value::Null);
    let basic = json!({"scanType": "BASIC"});
    registry.ecr("PutRegistryScanningConfiguration", basic).await;
    let configured = registry.ecr("GetRegistryScanningConfiguration", json!({})).await.json();
    assert_eq!(configured["scanningConfiguration"]["scanType"], "BASIC");
    registry.push("shop", "v2", "amd64", "2").await;
    assert_eq!(describe(&registry, "v2").await["__type"], "ScanNotFoundException");
}

#[tokio::test]
async fn images_show_their_scans_where_a_scenario_says_so() {
    for (knobs, expected) in [("", Value::Null), ("[registry]\nscans-in-images = true", json!({"CRITICAL": 1}))] {
        let registry = Registry::start(knobs).await;
        let counts = serde_json::from_value(json!({"takes": 0.0, "counts": {"CRITICAL": 1}})).unwrap();
        registry.simulator.set_scan(&counts).unwrap();
        registry.push("shop", "v1", "amd64", "1").await;
        start(&registry, "v1").await;
        let described = registry.ecr("DescribeImages", json!({"repositoryName": "shop"})).await.json();
        let summary = &described["imageDetails"][0]["imageScanFindingsSummary"];
        assert_eq!(summary["findingSeverityCounts"], expected, "{knobs}");
    }
}

#[tokio::test]
async fn what_becomes_of_a_scan_can_be_changed_while_it_goes_on() {
    let registry = Registry::start("").await;
    registry.push("shop", "v1", "amd64", "1").await;
    start(&registry, "v1").await;
    let never = ScanSpec { never_ends: true, ..ScanSpec::default() };
    registry.simulator.set_scan(&never).unwrap();
    registry.simulator.advance(Duration::from_hours(1));
    assert_eq!(status(&describe(&registry, "v1").await), "IN_PROGRESS");
    assert!(registry.simulator.set_scan(&ScanSpec { takes: -1.0, ..ScanSpec::default() }).is_err());
    let body = br#"{"image": "v1", "status": "FINDINGS_UNAVAILABLE"}"#;
    assert_eq!(registry.send("POST /_sim/scans", &[], body).await.status, 200);
    assert_eq!(status(&describe(&registry, "v1").await), "FINDINGS_UNAVAILABLE");
}
