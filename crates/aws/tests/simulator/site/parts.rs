//! Large files in parts: whole in the end, or nothing of them left.

use serde_json::json;
use towpath_core::ports::{Bucket as _, BucketError};

use super::stage::{Memory, asked, bucket, buckets_that, headers, home, strike};

/// Parts may be as small as these tests have them.
const SMALL: &str = "smallest-part = 1024";

#[tokio::test]
async fn a_large_file_goes_in_parts_and_keeps_its_hash_beside_it() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("film.mp4", 900_000), ("index.html", 9)]));
    let carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    // Beginning, four parts, end; and the small file.
    assert_eq!((carried.objects, carried.requests), (2, 7));
    let found = bucket.examine(&home("shop"), &["film.mp4".parse().unwrap()]).await.unwrap().remove(0);
    let content = files.content("film.mp4");
    assert_eq!((found.size, found.sha256), (content.size, Some(content.sha256)));
    assert_eq!(found.headers, Some(headers()));
}

#[tokio::test]
async fn parts_and_their_end_are_tried_again() {
    let files = Memory::of(&[("film.mp4", 900_000)]);
    let check = async |operation: &str, kind: &str| {
        let simulator = buckets_that(SMALL).await;
        let bucket = bucket(&simulator).await;
        strike(&simulator, operation, kind, &json!({"on": [1, 2]}));
        let carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
        assert_eq!(carried.objects, 1, "{operation} {kind}");
        let found = bucket.examine(&home("shop"), &["film.mp4".parse().unwrap()]).await.unwrap().remove(0);
        assert_eq!(found.size, 900_000, "{operation} {kind}");
    };
    for operation in ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"] {
        for kind in ["throttle", "error-before", "drop-before", "error-after", "drop-after"] {
            check(operation, kind).await;
        }
    }
}

#[tokio::test]
async fn what_fails_for_good_is_taken_back() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("film.mp4", 900_000)]));
    files.change("film.mp4", &vec![b'x'; 900_000]);
    let missed = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap_err();
    assert!(matches!(missed.failures[0].error, BucketError::File(_)), "{missed:?}");
    assert_eq!(asked(&simulator, "AbortMultipartUpload"), 1);
    strike(&simulator, "UploadPart", "status", &json!({"status": 403, "code": "AccessDenied", "from": 3}));
    let missed = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap_err();
    assert!(missed.failures[0].error.is_denied(), "{missed:?}");
    assert_eq!(asked(&simulator, "AbortMultipartUpload"), 2);
    assert_eq!(bucket.list(&home("shop")).await.unwrap(), []);
}
