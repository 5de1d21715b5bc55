//! An upload that is under way, and its parts.
//!
//! A part that comes again takes the place of the one before.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    rest::RestError,
    s3::{
        blobs::Data,
        bucket::Bucket,
        checksums::{Algorithm, ChecksumType},
        errors::no_such_upload,
        names::{ETag, Key},
        object::Metadata,
        work::Work,
    },
};

/// An upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(in crate::s3) key: Key,
    pub(in crate::s3) begun: Timestamp,
    pub(in crate::s3) metadata: Metadata,
    pub(in crate::s3) algorithm: Algorithm,
    pub(in crate::s3) kind: ChecksumType,
    /// Whether the client named the algorithm.
    pub(in crate::s3) is_named: bool,
    pub(in crate::s3) parts: BTreeMap<u32, Part>,
}

/// A part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(in crate::s3) data: Data,
    pub(in crate::s3) length: u64,
    pub(in crate::s3) etag: ETag,
    pub(in crate::s3) md5: [u8; 16],
    /// By the algorithm of the upload.
    pub(in crate::s3) sum: Vec<u8>,
    pub(in crate::s3) modified: Timestamp,
}

impl Work<'_> {
    /// The id of the upload that the request is about.
    pub(super) fn upload_id(&self) -> &str {
        self.request.target.parameter("uploadId").unwrap_or_default()
    }

    /// Looks at, or changes, the upload of `key` that the request is about.
    pub(super) fn with_upload<T>(
        &self,
        bucket: &Bucket,
        key: &Key,
        look: impl FnOnce(&mut Upload) -> T,
    ) -> Result<T, RestError> {
        let id = self.upload_id();
        let mut state = bucket.state();
        let found = state.contents.uploads.get_mut(id).filter(|upload| upload.key == *key);
        found.map(look).ok_or_else(|| no_such_upload(id))
    }
}
