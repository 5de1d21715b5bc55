//! What a bucket is and what is in it.

use towpath_core::{
    ports::{Bucket as _, BucketError},
    site::{Home, SiteObject},
};

use super::stage::{Memory, asked, bucket, buckets, buckets_that, home};

#[tokio::test]
async fn a_bucket_has_its_region_and_versions() {
    let simulator = buckets().await;
    let bucket = bucket(&simulator).await;
    let check = async |name: &str, is_versioned| {
        let facts = bucket.facts(&name.parse().unwrap()).await.unwrap();
        assert_eq!((facts.region.as_str(), facts.is_versioned), ("us-west-2", Some(is_versioned)), "{name}");
    };
    check("shop", false).await;
    check("kept", true).await;
    let nowhere = bucket.facts(&"nowhere".parse().unwrap()).await;
    assert_eq!(nowhere, Err(BucketError::NoBucket("nowhere".parse().unwrap())));
    let error = bucket.facts(&"elsewhere".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.to_string(), "the bucket elsewhere is in eu-central-1, not in us-west-2");
}

#[tokio::test]
async fn who_may_not_ask_for_versions_is_told_nothing_of_them() {
    let denied = "denials = [{ actions = [\"s3:GetBucketVersioning\"] }]";
    let simulator = buckets_that(denied).await;
    let facts = bucket(&simulator).await.facts(&"shop".parse().unwrap()).await.unwrap();
    assert_eq!(facts.is_versioned, None);
}

#[tokio::test]
async fn a_listing_goes_on_over_pages_and_leaves_our_own_folder_out() {
    let simulator = buckets_that("page = 2").await;
    let bucket = bucket(&simulator).await;
    let names = ["a b+c.js", "ü/1.js", "x&y.js", "z.js", "~.js"];
    let files = Memory::of(&names.map(|name| (name, 3)));
    let _carried = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap();
    let mut own = files.wave().remove(0);
    own.to = SiteObject::Kept(own.content.sha256.clone());
    let _carried = bucket.upload(&home("shop"), &[own], &files, &()).await.unwrap();
    let beside = Home { prefix: "app2".parse().unwrap(), ..home("shop") };
    let _carried = bucket.upload(&beside, &files.wave(), &files, &()).await.unwrap();
    let listed = bucket.list(&home("shop")).await.unwrap();
    let keys: Vec<&str> = listed.iter().map(|found| found.key.as_str()).collect();
    let mut expected = names.to_vec();
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert!(listed.iter().all(|found| found.size == 3 && found.etag.0.starts_with('"')));
    assert_eq!(asked(&simulator, "ListObjectsV2"), 3);
}

#[tokio::test]
async fn nothing_is_below_a_prefix_that_nobody_wrote_to() {
    let simulator = buckets().await;
    assert_eq!(bucket(&simulator).await.list(&home("shop")).await.unwrap(), []);
}
