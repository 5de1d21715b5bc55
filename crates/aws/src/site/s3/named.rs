//! Failures by the names that a site's bucket has for them.

use towpath_core::{identifier::BucketName, ports::BucketError, site::SiteObject};

use super::{client::Client, failed::Failed};

/// The failure of a request for this bucket.
pub(super) fn of_bucket(client: &Client, bucket: &BucketName, failed: Failed) -> BucketError {
    let expected = client.place().region.clone();
    match failed.elsewhere.as_deref().map(str::parse) {
        Some(Ok(found)) if found != expected => {
            return BucketError::OtherRegion { bucket: bucket.clone(), found, expected };
        }
        _ if failed.is_coded("NoSuchBucket") => return BucketError::NoBucket(bucket.clone()),
        _ => {}
    }
    BucketError::Call(failed.error)
}

/// The failure of writing this object there.
pub(super) fn of_write(client: &Client, bucket: &BucketName, object: &SiteObject, failed: Failed) -> BucketError {
    let codes = ["BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidDigest"];
    if codes.iter().any(|code| failed.is_coded(code)) {
        return BucketError::Corrupted { object: object.clone() };
    }
    of_bucket(client, bucket, failed)
}
