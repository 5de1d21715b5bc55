//! Copies inside of S3: the bytes that were named, or nothing.

use serde_json::json;
use towpath_core::{
    ports::{Bucket as _, BucketError, Copy},
    site::{Content, SiteObject},
};

use super::stage::{Memory, asked, bucket, buckets_that, file, headers, home, strike};

const SMALL: &str = "smallest-part = 1024";

fn copy(from: &str, path: &str, content: Content) -> Copy {
    Copy { home: home(from), from: file(path), to: file(path), content, headers: headers() }
}

#[tokio::test]
async fn a_copy_has_the_bytes_that_were_named_and_headers_of_its_own() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("a b.js", 100), ("large.bin", 650_000)]));
    let _carried = bucket.upload(&home("staging"), &files.wave(), &files, &()).await.unwrap();
    let mut headers = headers();
    headers.cache_control = "no-cache".parse().unwrap();
    let paths = ["a b.js", "large.bin"];
    let wave = paths.map(|path| Copy { headers: headers.clone(), ..copy("staging", path, files.content(path)) });
    let carried = bucket.copy(&home("shop"), &wave, &()).await.unwrap();
    // Each is looked at before it is copied.
    assert_eq!((carried.objects, carried.bytes, carried.requests), (2, 650_100, 4));
    for found in bucket.examine(&home("shop"), &paths.map(|path| path.parse().unwrap())).await.unwrap() {
        let content = files.content(found.path.as_str());
        assert_eq!((found.size, found.sha256), (content.size, Some(content.sha256)));
        assert_eq!(found.headers.as_ref(), Some(&headers));
    }
}

#[tokio::test]
async fn a_copy_within_the_bucket_is_kept_aside() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("data.json", 300)]));
    let _carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    let content = files.content("data.json");
    let aside = SiteObject::Kept(content.sha256.clone());
    let keep = Copy { to: aside.clone(), ..copy("shop", "data.json", content.clone()) };
    let _carried = bucket.copy(&home("shop"), &[keep], &()).await.unwrap();
    assert_eq!(bucket.kept(&home("shop")).await.unwrap(), [content.sha256.clone()].into());
    assert_eq!(bucket.kept(&home("staging")).await.unwrap(), [].into());
    let back = Copy { from: aside, ..copy("shop", "data.json", content) };
    let carried = bucket.copy(&home("shop"), &[back], &()).await.unwrap();
    assert_eq!(carried.objects, 1);
    assert_eq!(bucket.list(&home("shop")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_very_large_object_is_copied_in_parts() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("film.mp4", 1_000_000)]));
    let _carried = bucket.upload(&home("staging"), &files.wave(), &files, &()).await.unwrap();
    strike(&simulator, "UploadPartCopy", "error-after", &json!({"on": [2]}));
    let wave = [copy("staging", "film.mp4", files.content("film.mp4"))];
    let carried = bucket.copy(&home("shop"), &wave, &()).await.unwrap();
    // A look, the beginning, four parts of which one is copied again, the end.
    assert_eq!((carried.objects, carried.requests), (1, 8));
    let found = bucket.examine(&home("shop"), &["film.mp4".parse().unwrap()]).await.unwrap().remove(0);
    assert_eq!((found.size, found.sha256), (1_000_000, Some(files.content("film.mp4").sha256)));
}

#[tokio::test]
async fn other_bytes_than_those_that_were_named_are_not_copied() {
    let simulator = buckets_that(SMALL).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("a.js", 100)]));
    let _carried = bucket.upload(&home("staging"), &files.wave(), &files, &()).await.unwrap();
    let check = async |content: Content| {
        let missed = bucket.copy(&home("shop"), &[copy("staging", "a.js", content)], &()).await.unwrap_err();
        assert_eq!(missed.failures[0].error, BucketError::Corrupted { object: file("a.js") });
    };
    check(Content::of(&[b'x'; 100])).await;
    check(Content::of(b"shorter")).await;
    assert_eq!(asked(&simulator, "CopyObject"), 0);
    let theirs = json!({"operation": "PutObject", "input": {"Bucket": "staging", "Key": "app/a.js", "Body": "theirs"}});
    strike(&simulator, "CopyObject", "interfere-before", &json!({"call": theirs}));
    check(files.content("a.js")).await;
    assert_eq!(bucket.list(&home("shop")).await.unwrap(), []);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_copied() {
    let simulator = buckets_that(SMALL).await;
    let bucket = bucket(&simulator).await;
    let missed = bucket.copy(&home("shop"), &[copy("staging", "a.js", Content::of(b""))], &()).await.unwrap_err();
    let expected = BucketError::NoObject { home: home("staging"), object: file("a.js") };
    assert_eq!(missed.failures[0].error, expected);
}
