//! `CopyObject`.
//!
//! No byte moves; sums are computed anew only where those of the source do not hold for the copy.

use std::sync::Arc;

use super::{
    headers::{read_metadata, with_version},
    put::whole_checksum,
    source::Source,
};
use crate::{
    api::iso_whole,
    rest::{RestError, RestReply, Xml},
    s3::{
        bucket::{Bucket, Versioning},
        buckets::NAMESPACE,
        checksums::{Algorithm, ChecksumType},
        errors,
        names::{ETag, Key},
        object::{Checksum, Metadata, Object, Version},
        work::Work,
    },
};

/// The largest object that one request copies.
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;

impl Work<'_> {
    pub(in crate::s3) async fn copy_object(&self, bucket: &Arc<Bucket>, key: &Key) -> Result<RestReply, RestError> {
        let race = self.race(bucket, key)?;
        let source = self.source()?;
        let original = source.object()?;
        if original.length > LARGEST {
            let message = format!(
                "The specified copy source is larger than the maximum allowable size for a copy source: {LARGEST}"
            );
            return Err(errors::invalid_request(message));
        }
        let metadata = self.copied_metadata(&source, bucket, key)?;
        let (etag, checksum) = self.copied_sums(original).await?;
        let (data, length) = (original.data.clone(), original.length);
        let object = Object { data, length, etag, checksum, metadata, parts: Vec::new() };
        let (version, versioning) = self.commit(race, key, object)?;
        Ok(answered(&source, &version, versioning))
    }

    fn copied_metadata(&self, source: &Source, bucket: &Bucket, key: &Key) -> Result<Metadata, RestError> {
        let is_same = source.bucket.name == bucket.name && source.key == *key;
        match self.header("x-amz-metadata-directive") {
            Some("REPLACE") => read_metadata(&self.request.headers),
            // Another storage class or encryption would be a change as well; neither is kept here.
            None | Some("COPY") if is_same && !self.changes_otherwise() => Err(errors::invalid_request(
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
            )),
            None | Some("COPY") => Ok(source.object()?.metadata.clone()),
            Some(other) => {
                Err(errors::invalid_argument("x-amz-metadata-directive", other, "Unknown metadata directive."))
            }
        }
    }

    fn changes_otherwise(&self) -> bool {
        ["x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-website-redirect-location"]
            .iter()
            .any(|name| self.header(name).is_some())
            || self.request.header("x-amz-copy-source").is_some_and(|source| source.contains("?versionId="))
    }

    /// The `ETag` and the checksum of the copy: those of the source, where it was written at once with the same algorithm.
    async fn copied_sums(&self, original: &Object) -> Result<(ETag, Option<Checksum>), RestError> {
        let asked = self.header("x-amz-checksum-algorithm").map(Algorithm::read).transpose()?;
        let kept = original.checksum.as_ref();
        let algorithm = asked.or(kept.map(|checksum| checksum.algorithm)).unwrap_or(Algorithm::Crc64Nvme);
        let is_whole = original.parts.is_empty()
            && kept.is_some_and(|kept| kept.algorithm == algorithm && kept.kind == ChecksumType::FullObject);
        if is_whole {
            return Ok((original.etag.clone(), original.checksum.clone()));
        }
        let sums = self.storage.sums(&original.data, vec![algorithm]).await?;
        Ok((ETag::of_whole(sums.md5), whole_checksum(algorithm, &sums)))
    }
}

fn answered(source: &Source, version: &Version, versioning: Versioning) -> RestReply {
    let document = Xml::document().root("CopyObjectResult", NAMESPACE, |xml| {
        let xml = xml.text("LastModified", iso_whole(version.modified));
        let Some(object) = version.object() else { return xml };
        let xml = xml.text("ETag", object.etag.quoted());
        match &object.checksum {
            Some(checksum) => {
                xml.text("ChecksumType", checksum.kind.name()).text(checksum.algorithm.element(), &checksum.value)
            }
            None => xml,
        }
    });
    let reply = with_version(RestReply::xml(200, document.done()), versioning, &version.id);
    let reply = reply.header("x-amz-server-side-encryption", "AES256");
    reply.maybe("x-amz-copy-source-version-id", source.is_versioned.then_some(&source.version.id))
}
