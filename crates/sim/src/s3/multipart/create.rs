//! `CreateMultipartUpload` and `AbortMultipartUpload`.
//!
//! Uploads that nobody ends stay: lifecycle rules do nothing here.

use std::collections::BTreeMap;

use super::upload::Upload;
use crate::{
    rest::{RestError, RestReply, Xml},
    s3::{
        bucket::Bucket,
        buckets::NAMESPACE,
        checksums::{Algorithm, ChecksumType},
        errors::no_such_upload,
        names::Key,
        objects::read_metadata,
        work::Work,
    },
};

impl Work<'_> {
    pub(in crate::s3) fn create_upload(&self, bucket: &Bucket, key: &Key) -> Result<RestReply, RestError> {
        let named = self.header("x-amz-checksum-algorithm").map(Algorithm::read).transpose()?;
        let algorithm = named.unwrap_or(Algorithm::Crc64Nvme);
        let kind = ChecksumType::read(self.header("x-amz-checksum-type"), algorithm)?;
        let upload = Upload {
            key: key.clone(),
            begun: self.now(),
            metadata: read_metadata(&self.request.headers)?,
            algorithm,
            kind,
            is_named: named.is_some(),
            parts: BTreeMap::new(),
        };
        let mut state = bucket.state();
        let id = state.contents.fresh_id();
        state.contents.uploads.insert(id.clone(), upload);
        drop(state);
        let document = Xml::document().root("InitiateMultipartUploadResult", NAMESPACE, |xml| {
            xml.text("Bucket", bucket.name.as_str()).text("Key", key.as_str()).text("UploadId", id)
        });
        let reply = RestReply::xml(200, document.done()).header("x-amz-server-side-encryption", "AES256");
        let reply = reply.maybe("x-amz-checksum-algorithm", named.map(Algorithm::name));
        Ok(reply.maybe("x-amz-checksum-type", named.map(|_| kind.name())))
    }

    pub(in crate::s3) fn abort_upload(&self, bucket: &Bucket, key: &Key) -> Result<RestReply, RestError> {
        let id = self.upload_id();
        let mut state = bucket.state();
        let is_there = state.contents.uploads.get(id).is_some_and(|upload| upload.key == *key);
        if !is_there {
            return Err(no_such_upload(id));
        }
        state.contents.uploads.remove(id);
        Ok(RestReply::empty(204))
    }
}
