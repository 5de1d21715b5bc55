//! `PutObject`, and how every conditional write is decided.
//!
//! The body comes first, without a lock; then the condition is judged and the object put in place under one.

use std::sync::Arc;

use hyper::body::Incoming;

use super::headers::{read_metadata, with_checksum, with_version};
use crate::{
    rest::{RestError, RestReply},
    s3::{
        body::{Claims, receive},
        bucket::{Bucket, Versioning, WriteConditions},
        checksums::{Algorithm, ChecksumType, Sums, base64},
        names::{ETag, Key},
        object::{Checksum, Object, Version},
        work::Work,
    },
};

/// A write that may be conditional and is under way; whatever ends it, the bucket forgets it.
pub(in crate::s3) struct Race {
    bucket: Arc<Bucket>,
    pub(in crate::s3) conditions: WriteConditions,
    number: Option<u64>,
}

impl Work<'_> {
    pub(in crate::s3) async fn put_object(
        &self,
        bucket: &Arc<Bucket>,
        key: &Key,
        body: &mut Incoming,
        claims: &Claims,
    ) -> Result<RestReply, RestError> {
        let race = self.race(bucket, key)?;
        let metadata = read_metadata(&self.request.headers)?;
        let algorithm = claims.algorithm().unwrap_or(Algorithm::Crc64Nvme);
        let received = receive(body, claims, Some(algorithm), &self.storage.blobs).await?;
        let object = Object {
            data: received.data,
            length: received.sums.length,
            etag: ETag::of_whole(received.sums.md5),
            checksum: whole_checksum(algorithm, &received.sums),
            metadata,
            parts: Vec::new(),
        };
        let (version, versioning) = self.commit(race, key, object)?;
        Ok(with_write(RestReply::empty(200), &version, versioning))
    }

    /// Begins a write of `key`.
    pub(in crate::s3) fn race(&self, bucket: &Arc<Bucket>, key: &Key) -> Result<Race, RestError> {
        let conditions = WriteConditions::read(&self.request.headers)?;
        if conditions.if_match.is_some() {
            self.allowed(bucket, "s3:GetObject", Some(key))?;
        }
        let number = conditions.is_any().then(|| bucket.state().contents.racing.begin(key));
        Ok(Race { bucket: Arc::clone(bucket), conditions, number })
    }

    /// Puts an object in place, if the conditions of its write hold.
    pub(in crate::s3) fn commit(
        &self,
        mut race: Race,
        key: &Key,
        object: Object,
    ) -> Result<(Arc<Version>, Versioning), RestError> {
        let now = self.now();
        let number = race.number.take();
        let mut state = race.bucket.state();
        let versioning = state.versioning;
        state.contents.end_race(number, key, &race.conditions)?;
        let version = state.contents.put(versioning, key, object, &race.conditions, now)?;
        Ok((version, versioning))
    }
}

impl Drop for Race {
    fn drop(&mut self) {
        if let Some(number) = self.number.take() {
            self.bucket.state().contents.racing.end(number);
        }
    }
}

/// The checksum of an object that was written at once.
pub(super) fn whole_checksum(algorithm: Algorithm, sums: &Sums) -> Option<Checksum> {
    let value = sums.get(algorithm).map(base64)?;
    Some(Checksum { algorithm, kind: ChecksumType::FullObject, value })
}

/// What a write is answered with.
pub(in crate::s3) fn with_write(reply: RestReply, version: &Version, versioning: Versioning) -> RestReply {
    let reply = with_version(reply, versioning, &version.id).header("x-amz-server-side-encryption", "AES256");
    match version.object() {
        Some(object) => with_checksum(reply.header("etag", object.etag.quoted()), object),
        None => reply,
    }
}
