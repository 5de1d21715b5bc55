//! What is in a bucket.

use towpath_core::{
    ports::Bucket as _,
    site::{Home, SiteObject},
};

use super::stage::{Memory, asked, bucket, buckets, buckets_that, home};

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
