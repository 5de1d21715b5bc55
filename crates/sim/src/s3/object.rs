//! An object, and a version of a key: an object or a delete marker.
//!
//! Both are never changed once they are there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    blobs::Data,
    checksums::{Algorithm, ChecksumType},
    names::ETag,
};

/// What a key names at one time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Its id; `null` where versioning is not enabled.
    pub(crate) id: String,
    pub(crate) modified: Timestamp,
    /// What there is; a delete marker has nothing.
    pub(crate) object: Option<Object>,
}

/// An object.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) data: Data,
    pub(crate) length: u64,
    pub(crate) etag: ETag,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) metadata: Metadata,
    /// The lengths of the parts that it was made of.
    pub(crate) parts: Vec<u64>,
}

/// A checksum that is kept with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: ChecksumType,
    /// As headers have it.
    pub(crate) value: String,
}

/// The headers that are kept with an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    /// Headers such as `content-type`, by their names.
    pub(crate) headers: BTreeMap<String, String>,
    /// What the user calls metadata, without `x-amz-meta-`.
    pub(crate) user: BTreeMap<String, String>,
}

/// The headers that are kept as they are.
pub(super) const KEPT: [&str; 6] =
    ["content-type", "cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// Where a request for the object is sent by a website.
pub(super) const REDIRECT: &str = "x-amz-website-redirect-location";

impl Metadata {
    /// What a header was set to.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Version {
    /// The object, unless it is a delete marker.
    pub(crate) fn object(&self) -> Option<&Object> {
        self.object.as_ref()
    }
}
