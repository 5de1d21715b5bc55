//! A distribution of the simulated CloudFront: what it is, and what it is told to forget.

use std::time::Duration;

use serde_json::{Value, json};
use towpath_aws::CloudFront;
use towpath_core::{
    identifier::DistributionId,
    ports::{Cdn as _, CdnError, InvalidationStatus},
    site::{InvalidationPath, InvalidationReference},
};
use towpath_sim::{Simulator, faults::Fault};

use super::stage::{asked, aws, buckets_that};

const DISTRIBUTION: &str = r#"
[[distributions]]
id = "E1SHOP"
bucket = "shop"
origin-path = "/app"
default-root-object = "index.html"
aliases = ["www.shop.example"]
error-pages = [{ status = 403, page = "/index.html", answer = 200, ttl = 30 }]

[cloudfront]
"#;

async fn simulator(settings: &str) -> Simulator {
    buckets_that(&format!("{DISTRIBUTION}{settings}")).await
}

async fn cdn(simulator: &Simulator) -> CloudFront {
    aws(simulator).await.cdn()
}

fn id() -> DistributionId {
    "E1SHOP".parse().unwrap()
}

fn reference(promotion: &str) -> InvalidationReference {
    InvalidationReference::of(&promotion.parse().unwrap(), &"web".parse().unwrap())
}

fn first() -> InvalidationReference {
    reference("20260301t090000z-00000001")
}

fn paths(paths: &[&str]) -> Vec<InvalidationPath> {
    paths.iter().map(|path| path.parse().unwrap()).collect()
}

fn strike(simulator: &Simulator, operation: &str, kind: &str, more: &Value) {
    let mut fault = json!({"operation": operation, "service": "cloudfront", "kind": kind});
    for (name, value) in more.as_object().unwrap() {
        fault[name] = value.clone();
    }
    simulator.add_fault(serde_json::from_value::<Fault>(fault).unwrap());
}

#[tokio::test]
async fn a_distribution_tells_what_it_serves() {
    let simulator = simulator("").await;
    let cdn = cdn(&simulator).await;
    let found = cdn.distribution(&id()).await.unwrap();
    let origin = found.default_origin.unwrap();
    assert_eq!((origin.domain.as_str(), origin.path.as_str()), ("shop.s3.amazonaws.com", "/app"));
    assert_eq!((found.is_enabled, found.is_deployed), (true, true));
    assert_eq!(
        (found.aliases, found.default_root.as_deref()),
        (vec!["www.shop.example".to_owned()], Some("index.html"))
    );
    let page = found.error_documents.first().unwrap();
    assert_eq!((page.status, page.answered, page.cached_for), (403, Some(200), Duration::from_secs(30)));
    let nobody: DistributionId = "E2NOBODY".parse().unwrap();
    assert_eq!(cdn.distribution(&nobody).await, Err(CdnError::NoDistribution(nobody)));
}

#[tokio::test]
async fn an_invalidation_is_followed_to_its_end() {
    let simulator = simulator("").await;
    let cdn = cdn(&simulator).await;
    let begun = cdn.invalidate(&id(), &first(), &paths(&["/index.html", "/a/*"])).await.unwrap();
    assert_eq!(begun.status, InvalidationStatus::InProgress);
    assert_eq!(cdn.invalidation(&id(), &begun.id).await.unwrap(), begun);
    simulator.advance(Duration::from_secs(21));
    assert_eq!(cdn.invalidation(&id(), &begun.id).await.unwrap().status, InvalidationStatus::Completed);
    let unknown = "I0UNKNOWN".parse().unwrap();
    assert_eq!(cdn.invalidation(&id(), &unknown).await, Err(CdnError::NoInvalidation(unknown)));
}

#[tokio::test]
async fn the_same_reference_is_the_same_invalidation_and_with_other_paths_none() {
    for settings in ["", "reused-reference = \"invalid-argument\""] {
        let simulator = simulator(settings).await;
        let cdn = cdn(&simulator).await;
        let begun = cdn.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap();
        assert_eq!(cdn.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap(), begun);
        let other = cdn.invalidate(&id(), &first(), &paths(&["/b"])).await;
        assert_eq!(other, Err(CdnError::ReferenceTaken(first())), "{settings}");
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_invalidation() {
    for kind in ["drop-after", "error-after", "throttle", "drop-before", "hang"] {
        let simulator = simulator("").await;
        let cdn = cdn(&simulator).await;
        strike(&simulator, "CreateInvalidation", kind, &json!({"on": [1]}));
        let begun = cdn.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap();
        let again = cdn.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap();
        assert_eq!(begun.id, again.id, "{kind}");
    }
}

#[tokio::test]
async fn too_many_at_once_are_tried_again_and_then_named() {
    let simulator = simulator("most-paths = 1").await;
    let cdn = cdn(&simulator).await;
    let _begun = cdn.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap();
    simulator.clear_calls();
    let second = reference("20260301t090000z-00000002");
    let error = cdn.invalidate(&id(), &second, &paths(&["/b"])).await.unwrap_err();
    assert_eq!(error, CdnError::TooManyInProgress(id()));
    assert!(error.is_passing() && asked(&simulator, "CreateInvalidation") > 1);
    simulator.advance(Duration::from_secs(21));
    let begun = cdn.invalidate(&id(), &second, &paths(&["/b"])).await.unwrap();
    assert_eq!(begun.status, InvalidationStatus::InProgress);
}

#[tokio::test]
async fn who_may_not_is_told_which_permission_is_missing() {
    let simulator = simulator("").await;
    let denied = json!({"status": 403, "code": "AccessDenied",
        "message": "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: cloudfront:CreateInvalidation"});
    strike(&simulator, "CreateInvalidation", "status", &denied);
    let error = cdn(&simulator).await.invalidate(&id(), &first(), &paths(&["/a"])).await.unwrap_err();
    assert!(error.is_denied() && error.to_string().contains("cloudfront:CreateInvalidation"), "{error}");
}
