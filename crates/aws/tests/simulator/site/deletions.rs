//! Deletions: a thousand a call, and the answer looked at for each.

use serde_json::json;
use towpath_core::{
    ports::{Bucket as _, BucketError},
    site::SiteObject,
};

use super::stage::{Memory, asked, bucket, buckets, buckets_that, file, home, strike};

#[tokio::test]
async fn what_is_there_and_what_was_not_are_gone_afterwards() {
    let simulator = buckets().await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("a&b<c>.js", 1), ("stays.js", 1)]));
    let _carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    let objects = [file("a&b<c>.js"), file("never-there.js")];
    let deleted = bucket.delete(&home("shop"), &objects).await.unwrap();
    assert_eq!((deleted.gone.len(), deleted.failed.len()), (2, 0));
    let left: Vec<String> = bucket.list(&home("shop")).await.unwrap().into_iter().map(|found| found.key).collect();
    assert_eq!(left, ["stays.js"]);
}

#[tokio::test]
async fn a_thousand_go_into_one_call() {
    let simulator = buckets().await;
    let objects: Vec<SiteObject> = (0..1001).map(|number| file(&format!("{number}.js"))).collect();
    let deleted = bucket(&simulator).await.delete(&home("shop"), &objects).await.unwrap();
    assert_eq!((deleted.gone.len(), asked(&simulator, "DeleteObjects")), (1001, 2));
}

#[tokio::test]
async fn each_that_is_refused_is_named() {
    let denials = "denials = [{ actions = [\"s3:DeleteObject\"], prefix = \"app/locked/\" }]";
    let simulator = buckets_that(denials).await;
    let (bucket, files) = (bucket(&simulator).await, Memory::of(&[("locked/a.js", 1), ("free.js", 1)]));
    let _carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    let deleted = bucket.delete(&home("shop"), &[file("locked/a.js"), file("free.js")]).await.unwrap();
    assert_eq!(deleted.gone, [file("free.js")]);
    assert_eq!(deleted.failed[0].object, file("locked/a.js"));
    assert!(deleted.failed[0].error.is_denied(), "{}", deleted.failed[0]);
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_does_not_is_an_error() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    strike(&simulator, "DeleteObjects", "throttle", &json!({"count": 2}));
    strike(&simulator, "DeleteObjects", "drop-after", &json!({"on": [1]}));
    let deleted = bucket.delete(&home("shop"), &[file("a.js")]).await.unwrap();
    assert_eq!(deleted.gone.len(), 1);
    let nowhere = bucket.delete(&home("nowhere"), &[file("a.js")]).await.unwrap_err();
    assert_eq!(nowhere, BucketError::NoBucket("nowhere".parse().unwrap()));
}
