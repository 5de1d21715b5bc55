//! `GetObject` and `HeadObject`.
//!
//! The two differ in the body alone.

use std::sync::Arc;

use super::{
    headers::{with_checksum, with_object, with_overrides, with_version},
    range::Range,
};
use crate::{
    api::http_date,
    rest::{RestError, RestReply, StoredBody},
    s3::{
        bucket::{Bucket, ReadConditions, Versioning},
        errors,
        names::Key,
        object::{Object, Version},
        operation::Operation,
        work::Work,
    },
};

/// What is small enough to be answered at once.
const SMALL: u64 = 256 * 1024;

impl Work<'_> {
    pub(in crate::s3) fn get_object(&self, bucket: &Bucket, key: &Key) -> Result<RestReply, RestError> {
        let (version, versioning) = self.find(bucket, key, self.request.target.filled("versionId"))?;
        let Some(object) = version.object() else { return Err(marked(&version, key)) };
        let conditions = ReadConditions::read(&self.request.headers, "");
        let reply = match conditions.failed(&version, &object.etag) {
            Some("If-None-Match" | "If-Modified-Since") => {
                let reply = RestReply::empty(304).header("etag", object.etag.quoted());
                let reply = reply.maybe("cache-control", object.metadata.header("cache-control"));
                reply.header("last-modified", http_date(version.modified))
            }
            Some(condition) => return Err(errors::precondition_failed(condition)),
            None => self.content(&version, object)?,
        };
        Ok(with_version(reply, versioning, &version.id))
    }

    /// The version that is asked for, if it is there.
    pub(super) fn find(
        &self,
        bucket: &Bucket,
        key: &Key,
        id: Option<&str>,
    ) -> Result<(Arc<Version>, Versioning), RestError> {
        let state = bucket.state();
        let versioning = state.versioning;
        let found = match id {
            Some(id) => state.contents.version(key.as_str(), id).cloned(),
            None => state.contents.newest(key.as_str()).cloned(),
        };
        drop(state);
        match (found, id) {
            (Some(version), _) if id.is_some() || version.object.is_some() => Ok((version, versioning)),
            (Some(marker), _) => Err(self.absent(bucket, marked_newest(&marker, key))),
            (None, Some(id)) => Err(errors::no_such_version(key.as_str(), id)),
            (None, None) => Err(self.absent(bucket, errors::no_such_key(key.as_str()))),
        }
    }

    fn content(&self, version: &Version, object: &Object) -> Result<RestReply, RestError> {
        let range = self.asked(object)?;
        let (start, end) = range.map_or((0, object.length), |range| (range.start, range.end));
        let status = if range.is_some() { 206 } else { 200 };
        let reply = if self.request.operation == Operation::HeadObject {
            RestReply::told(status, end - start)
        } else {
            body(status, object, start, end)?
        };
        let reply = with_overrides(with_object(reply, version, object), &self.request.target);
        let reply = match range {
            Some(range) => reply.header("content-range", range.shown(object.length)),
            None if self.header("x-amz-checksum-mode") == Some("ENABLED") => with_checksum(reply, object),
            None => reply,
        };
        let count = self.request.target.has("partNumber").then(|| object.parts.len().max(1).to_string());
        Ok(reply.maybe("x-amz-mp-parts-count", count))
    }

    /// The bytes that are asked for, by their place or by the number of their part.
    fn asked(&self, object: &Object) -> Result<Option<Range>, RestError> {
        let Some(number) = self.request.target.parameter("partNumber") else {
            return self.header("range").map_or(Ok(None), |header| Range::read(header, object.length));
        };
        let invalid = || RestError::new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
        let number: usize = number.parse().map_err(|_| invalid())?;
        let whole = [object.length];
        let lengths = if object.parts.is_empty() { &whole[..] } else { &object.parts };
        let index = number.checked_sub(1).filter(|index| *index < lengths.len()).ok_or_else(invalid)?;
        let start: u64 = lengths[..index].iter().sum();
        Ok(Some(Range { start, end: start + lengths[index] }).filter(|range| range.start < range.end))
    }
}

fn body(status: u16, object: &Object, start: u64, end: u64) -> Result<RestReply, RestError> {
    let data = object.data.slice(start, end);
    if data.length() > SMALL {
        return Ok(RestReply::stored(status, StoredBody::new(data)));
    }
    Ok(RestReply::bytes(status, data.read().map_err(|error| errors::broken(&error))?))
}

/// A delete marker that is asked for by its id.
fn marked(version: &Version, key: &Key) -> RestError {
    errors::not_allowed("GET")
        .with("ResourceType", "DeleteMarker")
        .with("Key", key.as_str())
        .with_header("x-amz-delete-marker", "true")
        .with_header("x-amz-version-id", &version.id)
}

/// A delete marker that hides what was there.
fn marked_newest(version: &Version, key: &Key) -> RestError {
    errors::no_such_key(key.as_str())
        .with_header("x-amz-delete-marker", "true")
        .with_header("x-amz-version-id", &version.id)
}
