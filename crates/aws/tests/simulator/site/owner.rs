//! Whose a bucket is, which it is in, and what is said where it is another's.

use std::collections::BTreeMap;

use serde_json::json;
use towpath_aws::S3Bucket;
use towpath_core::{
    ports::{Bucket as _, BucketError, Copy, MarkerState, PutMarker},
    site::SiteObject,
};
use towpath_sim::Simulator;

use super::stage::{ACCOUNT, Memory, asked, bucket, buckets, buckets_that, file, headers, home, strike};

/// Another account than the one that all buckets belong to.
const OTHER: &str = "222222222222";

/// The adapter, which takes each of these buckets for that account's.
async fn expecting(simulator: &Simulator, owners: &[(&str, &str)]) -> S3Bucket {
    let owners = owners.iter().map(|(name, account)| (name.parse().unwrap(), account.parse().unwrap()));
    bucket(simulator).await.owned_by(owners.collect::<BTreeMap<_, _>>())
}

#[tokio::test]
async fn every_request_names_the_owner_and_none_is_made_for_it() {
    let simulator = buckets_that("smallest-part = 1024").await;
    let bucket = expecting(&simulator, &[("shop", ACCOUNT), ("staging", ACCOUNT)]).await;
    let files = Memory::of(&[("a.js", 100), ("film.mp4", 900_000)]);
    assert_eq!(bucket.marker(&home("shop")).await.unwrap(), None);
    let marker = PutMarker { bytes: "{}".into(), expected: MarkerState::Absent };
    bucket.put_marker(&home("shop"), &marker).await.unwrap();
    let _carried = bucket.upload(&home("staging"), &files.wave(), &files, &()).await.unwrap();
    let copy = |path: &str| Copy {
        home: home("staging"),
        from: file(path),
        to: file(path),
        content: files.content(path),
        headers: headers(),
    };
    let _carried = bucket.copy(&home("shop"), &["a.js", "film.mp4"].map(copy), &()).await.unwrap();
    let paths = ["a.js".parse().unwrap()];
    assert_eq!(bucket.examine(&home("shop"), &paths).await.unwrap().len(), 1);
    assert_eq!(bucket.list(&home("shop")).await.unwrap().len(), 2);
    assert_eq!(bucket.delete(&home("shop"), &[SiteObject::File(paths[0].clone())]).await.unwrap().gone.len(), 1);
    let calls = simulator.calls();
    for call in &calls {
        assert_eq!(call.input["ExpectedBucketOwner"], ACCOUNT, "{call:?}");
        let copies = call.operation.contains("Copy");
        assert_eq!(call.input["ExpectedSourceBucketOwner"].as_str(), copies.then_some(ACCOUNT), "{call:?}");
    }
    assert_eq!((asked(&simulator, "HeadBucket"), asked(&simulator, "GetObject")), (0, 1));
}

#[tokio::test]
async fn a_bucket_of_another_account_is_told_for_certain() {
    let simulator = buckets().await;
    let bucket = expecting(&simulator, &[("shop", OTHER)]).await;
    let found = bucket.marker(&home("shop")).await.unwrap_err();
    let expected = BucketError::OtherOwner { bucket: "shop".parse().unwrap(), expected: OTHER.parse().unwrap() };
    assert_eq!(found, expected);
    assert!(found.to_string().starts_with("the bucket shop does not belong to account 222222222222; "), "{found}");
    assert_eq!(asked(&simulator, "GetObject"), 2, "the second time without an owner");
}

/// S3 says no more of a bucket of another account than of what is not allowed.
#[tokio::test]
async fn what_is_denied_with_and_without_an_owner_is_denied() {
    let simulator = buckets_that("denials = [{ actions = [\"s3:GetObject\"] }]").await;
    for owner in [ACCOUNT, OTHER] {
        let bucket = expecting(&simulator, &[("shop", owner)]).await;
        let found = bucket.marker(&home("shop")).await.unwrap_err();
        assert!(found.is_denied(), "{found:?}");
    }
}

#[tokio::test]
async fn nothing_is_written_to_a_bucket_that_became_somebody_elses() {
    let simulator = buckets().await;
    let (bucket, files) = (expecting(&simulator, &[("shop", OTHER)]).await, Memory::of(&[("a.js", 100)]));
    let missed = bucket.upload(&home("shop"), &files.wave(), &files, &()).await.unwrap_err();
    assert!(missed.failures[0].error.is_denied(), "{missed:?}");
    let marker = PutMarker { bytes: "{}".into(), expected: MarkerState::Absent };
    assert!(bucket.put_marker(&home("shop"), &marker).await.unwrap_err().is_denied());
    assert!(simulator.calls().iter().all(|call| !call.accepted));
}

#[tokio::test]
async fn nothing_is_copied_from_a_bucket_that_became_somebody_elses() {
    let simulator = buckets().await;
    let files = Memory::of(&[("a.js", 100)]);
    let _carried = bucket(&simulator).await.upload(&home("staging"), &files.wave(), &files, &()).await.unwrap();
    let (from, content) = (home("staging"), files.content("a.js"));
    let wave = [Copy { home: from, from: file("a.js"), to: file("a.js"), content, headers: headers() }];
    let bucket = expecting(&simulator, &[("shop", ACCOUNT), ("staging", OTHER)]).await;
    let missed = bucket.copy(&home("shop"), &wave, &()).await.unwrap_err();
    assert!(missed.failures[0].error.is_denied(), "{missed:?}");
    // Where it is looked at before, and copied after.
    let bucket = expecting(&simulator, &[("shop", ACCOUNT)]).await;
    strike(&simulator, "CopyObject", "status", &json!({"status": 403, "code": "AccessDenied"}));
    assert!(bucket.copy(&home("shop"), &wave, &()).await.unwrap_err().failures[0].error.is_denied());
}

#[tokio::test]
async fn a_bucket_that_is_nowhere_or_in_another_region_is_told_by_the_first_answer() {
    let simulator = buckets().await;
    let bucket = expecting(&simulator, &[("nowhere", ACCOUNT), ("elsewhere", ACCOUNT)]).await;
    let nowhere = bucket.marker(&home("nowhere")).await;
    assert_eq!(nowhere, Err(BucketError::NoBucket("nowhere".parse().unwrap())));
    let error = bucket.marker(&home("elsewhere")).await.unwrap_err();
    assert_eq!(error.to_string(), "the bucket elsewhere is in eu-central-1, not in us-west-2");
    assert_eq!(asked(&simulator, "GetObject"), 2);
}
