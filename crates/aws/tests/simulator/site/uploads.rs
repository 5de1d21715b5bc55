//! Waves of files: there whole, with their headers, whatever happens on the way; or refused by name.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use serde_json::json;
use towpath_core::{
    ports::{Bucket as _, BucketError, FileError, Missed, Progress, Upload, UploadSource},
    site::{Content, SiteObject},
};

use super::stage::{Memory, asked, bucket, buckets, buckets_that, file, headers, home, strike};

/// Counts what it is told.
#[derive(Default)]
struct Count {
    bytes: AtomicU64,
    objects: AtomicUsize,
}

impl Progress for Count {
    fn sent(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn finished(&self, _: &SiteObject) {
        self.objects.fetch_add(1, Ordering::Relaxed);
    }
}

fn many(count: usize) -> Memory {
    let names: Vec<String> = (0..count).map(|number| format!("assets/{number:03}.js")).collect();
    let files: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 40)).collect();
    Memory::of(&files)
}

#[tokio::test]
async fn a_wave_is_there_with_its_headers_and_hashes_at_a_request_a_file() {
    let simulator = buckets().await;
    let (bucket, home) = (bucket(&simulator).await, home("shop"));
    let odd = "odd/a b+c&d=e~f'(g)ü%h.txt";
    let files = Memory::of(&[("index.html", 0), (odd, 10), ("large.bin", 500_000)]);
    let count = Count::default();
    let carried = bucket.upload(&home, &files.wave(), &files, &count).await.unwrap();
    assert_eq!((carried.objects, carried.bytes, carried.requests), (3, 500_010, 3));
    assert_eq!((count.objects.into_inner(), count.bytes.into_inner()), (3, 500_010));
    let paths = ["index.html", odd, "large.bin", "missing.js"].map(|path| path.parse().unwrap());
    let examined = bucket.examine(&home, &paths).await.unwrap();
    assert_eq!(examined.len(), 3);
    for found in examined {
        let content = files.content(found.path.as_str());
        assert_eq!((found.size, found.sha256), (content.size, Some(content.sha256)), "{}", found.path);
        assert_eq!(found.headers, Some(headers()));
    }
}

#[tokio::test]
async fn whatever_may_pass_is_tried_again() {
    let files = many(60);
    let check = async |kind: &str, more| {
        let simulator = buckets().await;
        let bucket = bucket(&simulator).await;
        strike(&simulator, "PutObject", kind, &more);
        let carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
        assert_eq!(carried.objects, 60, "{kind}");
        assert!(carried.requests > 60, "{kind}: {}", carried.requests);
        assert_eq!(bucket.list(&home("shop")).await.unwrap().len(), 60, "{kind}");
    };
    check("throttle", json!({"count": 25})).await;
    check("error-before", json!({"count": 5})).await;
    check("error-after", json!({"count": 5})).await;
    check("drop-before", json!({"on": [3, 9, 11]})).await;
    check("drop-after", json!({"on": [3, 9, 11]})).await;
    check("hang", json!({"on": [2]})).await;
    check("expired-credentials", json!({"on": [7]})).await;
}

#[tokio::test]
async fn a_file_that_comes_in_pieces_is_read_again_for_another_attempt() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    let (files, count) = (Memory::of(&[("large.bin", 500_000)]), Count::default());
    strike(&simulator, "PutObject", "throttle", &json!({"count": 2}));
    let carried = bucket.upload(&home("shop"), &files.wave(), &files, &count).await.unwrap();
    assert_eq!((carried.objects, carried.requests), (1, 3));
    assert_eq!(count.bytes.into_inner(), 500_000);
}

#[tokio::test]
async fn a_busy_s3_gets_everything_in_the_end() {
    let simulator = buckets().await;
    let (bucket, files) = (bucket(&simulator).await, many(300));
    strike(&simulator, "PutObject", "throttle", &json!({"on": (0..100).map(|n| n * 3 + 1).collect::<Vec<_>>()}));
    let carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    assert_eq!((carried.objects, carried.requests), (300, 400));
}

#[tokio::test]
async fn a_failure_for_good_ends_the_wave() {
    let denials = "denials = [{ actions = [\"s3:PutObject\"], prefix = \"app/assets/\" }]";
    let simulator = buckets_that(denials).await;
    let (bucket, files) = (bucket(&simulator).await, many(200));
    let Missed { failures, not_begun, carried } =
        bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap_err();
    assert!(failures.iter().all(|failure| failure.error.is_denied()), "{failures:?}");
    assert!(failures[0].error.to_string().contains("s3:PutObject"), "{}", failures[0]);
    assert_eq!((failures.len() + not_begun, carried.objects), (200, 0));
    assert!(not_begun > 100, "{not_begun}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_or_elsewhere_is_named() {
    for wrong_region in ["as-aws", "redirect", "malformed"] {
        let simulator = buckets_that(&format!("wrong-region = \"{wrong_region}\"")).await;
        let (bucket, files) = (bucket(&simulator).await, many(1));
        let missed = bucket.upload(&home("elsewhere"), &files.wave(), &files, &()).await.unwrap_err();
        let BucketError::OtherRegion { found, .. } = &missed.failures[0].error else { panic!("{missed:?}") };
        assert_eq!(found.as_str(), "eu-central-1");
        let missed = bucket.upload(&home("nowhere"), &files.wave(), &files, &()).await.unwrap_err();
        assert_eq!(missed.failures[0].error, BucketError::NoBucket("nowhere".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_file_that_changed_or_is_gone_is_not_written() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    let check = async |size: usize| {
        let files = Memory::of(&[("index.html", size)]);
        files.change("index.html", &vec![b'x'; size + 1]);
        let missed = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap_err();
        let changed = FileError::Changed("index.html".parse().unwrap());
        assert_eq!(missed.failures[0].error, BucketError::File(changed), "{size}");
        assert_eq!(bucket.list(&home("shop")).await.unwrap(), [], "{size}");
    };
    check(100).await;
    check(500_000).await;
    check(900_000).await;
    let files = Memory::of(&[("index.html", 1)]);
    let missed = bucket.upload(&home("shop"), &files.wave(), &Memory::default(), &()).await.unwrap_err();
    assert!(matches!(missed.failures[0].error, BucketError::File(FileError::Gone(_))), "{missed:?}");
}

#[tokio::test]
async fn s3_refuses_bytes_with_another_hash() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    let (to, source) = (file("config.json"), UploadSource::Bytes(Bytes::from_static(b"{}")));
    let upload = Upload { to: to.clone(), content: Content::of(b"[]"), headers: headers(), source };
    let missed = bucket.upload(&home("shop"), &[upload], &Memory::default(), &()).await.unwrap_err();
    assert_eq!(missed.failures[0].error, BucketError::Corrupted { object: to });
    assert_eq!((asked(&simulator, "PutObject"), bucket.list(&home("shop")).await.unwrap().len()), (1, 0));
}
