//! Buckets and objects that a scenario declares.
//!
//! They are made as a client would make them: what S3 refuses, a scenario cannot have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::{
    bucket::{Bucket, Document, Versioning, WriteConditions},
    checksums::{Algorithm, ChecksumType, Digests, base64},
    errors,
    names::{BucketName, ETag, Key},
    object::{Checksum, Metadata, Object},
    policy::Policy,
    storage::S3,
};
use crate::rest::RestError;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BucketSpec {
    /// Its name.
    pub name: String,
    /// Its account; absent means the default one.
    pub account: Option<String>,
    /// Its region; absent means the default one.
    pub region: Option<String>,
    /// Whether it keeps versions.
    #[serde(default)]
    pub versioning: bool,
    /// Its policy, as JSON.
    pub policy: Option<String>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ObjectSpec {
    /// Its bucket, which has to be there.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// What is in it.
    #[serde(default)]
    pub body: String,
    /// Its headers, for example `content-type`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Its user metadata, without `x-amz-meta-`.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

impl S3 {
    /// Makes a bucket.
    pub(crate) fn seed_bucket(&self, spec: &BucketSpec, place: (&str, &str), at: Timestamp) -> Result<(), RestError> {
        let name = BucketName::read(&spec.name)?;
        let policy = spec.policy.as_deref().map(Policy::read).transpose()?;
        let (account, region) = place;
        self.add(&name, account, region, at)
            .map_err(|_| RestError::new(409, "BucketAlreadyExists", "The requested bucket name is not available."))?;
        let bucket = self.bucket(&spec.name)?;
        let mut state = bucket.state();
        if spec.versioning {
            state.versioning = Versioning::Enabled;
        }
        state.policy = policy;
        state.documents.extend(spec.policy.clone().map(|policy| (Document::Policy, policy)));
        Ok(())
    }

    /// Makes an object.
    pub(crate) fn seed_object(&self, spec: &ObjectSpec, at: Timestamp) -> Result<(), RestError> {
        let metadata = Metadata { headers: spec.headers.clone(), user: spec.metadata.clone() };
        let bucket = self.bucket(&spec.bucket)?;
        self.put_bytes(&bucket, &Key::read(&spec.key)?, (spec.body.as_bytes(), metadata), at)
    }

    /// Puts bytes in place, whatever was there.
    pub(super) fn put_bytes(
        &self,
        bucket: &Bucket,
        key: &Key,
        (bytes, metadata): (&[u8], Metadata),
        at: Timestamp,
    ) -> Result<(), RestError> {
        let algorithm = Algorithm::Crc64Nvme;
        let data = self.blobs.pack(bytes).map_err(|error| errors::broken(&error))?;
        let mut digests = Digests::new([algorithm]);
        digests.update(bytes);
        let sums = digests.finish();
        let kind = ChecksumType::FullObject;
        let checksum = sums.get(algorithm).map(|sum| Checksum { algorithm, kind, value: base64(sum) });
        let (length, etag) = (sums.length, ETag::of_whole(sums.md5));
        let object = Object { data, length, etag, checksum, metadata, parts: Vec::new() };
        let mut state = bucket.state();
        let versioning = state.versioning;
        state.contents.put(versioning, key, object, &WriteConditions::default(), at).map(drop)
    }
}
