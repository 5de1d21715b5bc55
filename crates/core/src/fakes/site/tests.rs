//! That the fakes keep the ports' word.

use std::sync::Arc;

use super::*;
use crate::{
    identifier::BucketName,
    ports::{Bucket as _, BucketError, Cdn as _, InvalidationStatus, MarkerState, PutMarker},
    site::Home,
    smoke::Attempt,
};

fn bucket() -> BucketName {
    "shop-web".parse().unwrap()
}

fn home() -> Home {
    Home { bucket: bucket(), prefix: "".parse().unwrap() }
}

fn buckets() -> Arc<FakeBuckets> {
    let buckets = Arc::new(FakeBuckets::new());
    buckets.create(&bucket());
    buckets
}

#[tokio::test]
async fn of_two_that_expect_the_same_marker_one_writes_it() {
    let buckets = buckets();
    let put = |expected: MarkerState| PutMarker { bytes: "x".into(), expected };
    let etag = buckets.put_marker(&home(), &put(MarkerState::Absent)).await.unwrap();
    let again = buckets.put_marker(&home(), &put(MarkerState::Absent)).await;
    assert!(matches!(again, Err(BucketError::MarkerChanged(_))));
    buckets.put_marker(&home(), &put(MarkerState::Is(etag.clone()))).await.unwrap();
    let late = buckets.put_marker(&home(), &put(MarkerState::Is(etag))).await;
    assert!(matches!(late, Err(BucketError::MarkerChanged(_))));
}

#[tokio::test]
async fn an_edge_answers_as_before_until_the_invalidation_is_completed() {
    let buckets = buckets();
    let edge = FakeEdge::new(&buckets, &bucket());
    let body = || match edge.visit("https://d111111abcdef8.cloudfront.net/") {
        Attempt::Answered(answer) => String::from_utf8(answer.body).unwrap(),
        Attempt::Unreachable { .. } => "unreachable".to_owned(),
    };
    buckets.put(&bucket(), "index.html", b"old");
    assert_eq!(body(), "old");
    buckets.put(&bucket(), "index.html", b"new");
    let reference = crate::site::InvalidationReference::of(&"p-1".parse().unwrap(), &"web".parse().unwrap());
    let asked = edge.invalidate(&edge.id(), &reference, &["/*".parse().unwrap()]).await.unwrap();
    assert_eq!(body(), "old");
    while edge.invalidation(&edge.id(), &asked.id).await.unwrap().status == InvalidationStatus::InProgress {}
    assert_eq!(body(), "new");
}
