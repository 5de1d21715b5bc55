//! What a bucket is: where, and whether it keeps old versions.

use reqwest::Method;
use towpath_core::{
    identifier::BucketName,
    ports::{BucketError, BucketFacts},
};

use super::{
    client::{Client, Request},
    failed::What,
    named, xml,
};

/// The bucket's facts.
pub(super) async fn facts(client: &Client, bucket: &BucketName) -> Result<BucketFacts, BucketError> {
    let request = Request::new(What::read("s3:ListBucket"), Method::HEAD, "");
    let answer = client.send(&request).await.map_err(|failed| match failed.status {
        Some(404) => BucketError::NoBucket(bucket.clone()),
        _ => named::of_bucket(client, bucket, failed),
    })?;
    let expected = &client.place().region;
    // Other servers than AWS's may not say it.
    let told = answer.header("x-amz-bucket-region").and_then(|region| region.parse().ok());
    let region = told.unwrap_or_else(|| expected.clone());
    if region != *expected {
        return Err(BucketError::OtherRegion { bucket: bucket.clone(), found: region, expected: expected.clone() });
    }
    Ok(BucketFacts { region, is_versioned: is_versioned(client).await })
}

/// Whether it keeps versions; nothing where the caller may not ask, or cannot be told.
async fn is_versioned(client: &Client) -> Option<bool> {
    let what = What::read("s3:GetBucketVersioning");
    let answer = client.send(&Request::new(what, Method::GET, "").asking("versioning", "")).await.ok()?;
    let status = xml::read(what, &answer.body, "Versioning", |root| Some(xml::text(root, "Status") == Some("Enabled")));
    status.ok()
}
