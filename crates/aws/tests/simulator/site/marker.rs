//! The marker: of several who write it one wins, and an answer that is lost is settled.

use bytes::Bytes;
use serde_json::json;
use towpath_core::ports::{Bucket as _, BucketError, ETag, MarkerState, PutMarker};

use super::stage::{asked, bucket, buckets, home, strike};

fn marker(bytes: &'static str, expected: MarkerState) -> PutMarker {
    PutMarker { bytes: Bytes::from_static(bytes.as_bytes()), expected }
}

#[tokio::test]
async fn the_marker_is_read_and_written_at_a_request_each() {
    let simulator = buckets().await;
    let (bucket, home) = (bucket(&simulator).await, home("shop"));
    assert_eq!(bucket.marker(&home).await.unwrap(), None);
    let first = bucket.put_marker(&home, &marker("one", MarkerState::Absent)).await.unwrap();
    let found = bucket.marker(&home).await.unwrap().unwrap();
    assert_eq!((&*found.bytes, &found.etag), (&b"one"[..], &first));
    let second = bucket.put_marker(&home, &marker("two", MarkerState::Is(first))).await.unwrap();
    assert_eq!(bucket.marker(&home).await.unwrap().unwrap().etag, second);
    assert_eq!((asked(&simulator, "PutObject"), asked(&simulator, "GetObject")), (2, 3));
}

#[tokio::test]
async fn whoever_expects_what_is_not_so_writes_nothing() {
    let simulator = buckets().await;
    let (bucket, home) = (bucket(&simulator).await, home("shop"));
    let stale = MarkerState::Is(ETag("\"00000000000000000000000000000000\"".to_owned()));
    let check = async |expected: MarkerState, left: Option<&str>| {
        let error = bucket.put_marker(&home, &marker("ours", expected)).await.unwrap_err();
        assert_eq!(error, BucketError::MarkerChanged(home.clone()));
        let found = bucket.marker(&home).await.unwrap().map(|found| found.bytes);
        assert_eq!(found.as_deref(), left.map(str::as_bytes));
    };
    check(stale.clone(), None).await;
    let _etag = bucket.put_marker(&home, &marker("theirs", MarkerState::Absent)).await.unwrap();
    check(MarkerState::Absent, Some("theirs")).await;
    check(stale, Some("theirs")).await;
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_reading() {
    for kind in ["drop-after", "error-after", "drop-before", "error-before", "throttle", "hang"] {
        let simulator = buckets().await;
        let (bucket, home) = (bucket(&simulator).await, home("shop"));
        strike(&simulator, "PutObject", kind, &json!({"on": [1]}));
        let etag = bucket.put_marker(&home, &marker("ours", MarkerState::Absent)).await.unwrap();
        let found = bucket.marker(&home).await.unwrap().unwrap();
        assert_eq!((&*found.bytes, found.etag), (&b"ours"[..], etag), "{kind}");
    }
}

#[tokio::test]
async fn of_a_lost_answer_and_somebody_else_the_other_is_believed() {
    let simulator = buckets().await;
    let (bucket, home) = (bucket(&simulator).await, home("shop"));
    let theirs = json!({"operation": "PutObject", "input": {"Body": "theirs"}});
    strike(&simulator, "PutObject", "interfere-before", &json!({"on": [1], "call": theirs}));
    let error = bucket.put_marker(&home, &marker("ours", MarkerState::Absent)).await.unwrap_err();
    assert_eq!(error, BucketError::MarkerChanged(home.clone()));
    assert_eq!(&*bucket.marker(&home).await.unwrap().unwrap().bytes, b"theirs");
}

#[tokio::test]
async fn of_several_that_expect_the_same_one_wins() {
    let simulator = buckets().await;
    let (bucket, home) = (bucket(&simulator).await, home("shop"));
    let markers = ["a", "b", "c", "d", "e"].map(|bytes| marker(bytes, MarkerState::Absent));
    let writes = markers.iter().map(|marker| bucket.put_marker(&home, marker));
    let written = futures_util::future::join_all(writes).await;
    assert_eq!(written.iter().filter(|result| result.is_ok()).count(), 1);
    let changed = |result: &Result<ETag, BucketError>| *result == Err(BucketError::MarkerChanged(home.clone()));
    assert_eq!(written.iter().filter(|result| changed(result)).count(), 4);
}

#[tokio::test]
async fn a_missing_bucket_is_no_missing_marker() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    let nowhere = BucketError::NoBucket("nowhere".parse().unwrap());
    assert_eq!(bucket.marker(&home("nowhere")).await, Err(nowhere.clone()));
    let put = bucket.put_marker(&home("nowhere"), &marker("x", MarkerState::Absent)).await;
    assert_eq!(put, Err(nowhere));
}
