//! `CompleteMultipartUpload`: the list of parts is judged, and the object put in place.
//!
//! No byte moves.

use std::sync::Arc;

use bytes::Bytes;

use super::upload::{Part, Upload};
use crate::{
    rest::{Element, RestError, RestReply, Xml},
    s3::{
        blobs::Data,
        body::bad_digest,
        bucket::Bucket,
        buckets::NAMESPACE,
        checksums::{Algorithm, ChecksumType, base64, composite, full, md5},
        errors::{invalid_request, malformed_xml},
        names::{ETag, Key},
        object::{Checksum, Object},
        objects::{Race, with_write},
        work::Work,
    },
};

impl Work<'_> {
    pub(in crate::s3) fn complete_upload(
        &self,
        bucket: &Arc<Bucket>,
        key: &Key,
        body: &Bytes,
        race: Race,
    ) -> Result<RestReply, RestError> {
        let upload = self.with_upload(bucket, key, |upload| upload.clone())?;
        let request = Element::read(body, "CompleteMultipartUpload")?;
        let parts = self.listed_parts(&request, &upload)?;
        let object = joined(&upload, &parts);
        self.judge_whole(&object)?;
        let (version, versioning) = self.commit(race, key, object)?;
        bucket.state().contents.uploads.remove(self.upload_id());
        let (region, name) = (bucket.region.as_str(), bucket.name.as_str());
        let document = Xml::document().root("CompleteMultipartUploadResult", NAMESPACE, |xml| {
            let location = format!("https://{name}.s3.{region}.amazonaws.com/{}", crate::rest::encoded(key.as_str()));
            let xml = xml.text("Location", location).text("Bucket", name).text("Key", key.as_str());
            let Some(object) = version.object() else { return xml };
            let xml = xml.text("ETag", object.etag.quoted());
            match &object.checksum {
                Some(sum) => xml.text(sum.algorithm.element(), &sum.value).text("ChecksumType", sum.kind.name()),
                None => xml,
            }
        });
        Ok(with_write(RestReply::xml(200, document.done()), &version, versioning))
    }

    /// The parts that the client lists, if they are those that came.
    fn listed_parts(&self, request: &Element, upload: &Upload) -> Result<Vec<Part>, RestError> {
        let listed: Vec<&Element> = request.all("Part").collect();
        if listed.is_empty() {
            return Err(malformed_xml());
        }
        let (mut parts, mut before) = (Vec::new(), 0);
        for (index, part) in listed.iter().enumerate() {
            let number =
                part.value("PartNumber").and_then(|number| number.trim().parse().ok()).ok_or_else(malformed_xml)?;
            if number <= before {
                let message = "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
                return Err(RestError::client("InvalidPartOrder", message));
            }
            before = number;
            let found = judged(part, number, upload)?;
            let is_last = index + 1 == listed.len();
            if !is_last && found.length < self.storage.knobs.smallest_part {
                return Err(self.too_small(number, found));
            }
            parts.push(found.clone());
        }
        Ok(parts)
    }

    fn too_small(&self, number: u32, part: &Part) -> RestError {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        RestError::client("EntityTooSmall", message)
            .with("ProposedSize", part.length.to_string())
            .with("MinSizeAllowed", self.storage.knobs.smallest_part.to_string())
            .with("PartNumber", number.to_string())
            .with("ETag", part.etag.quoted())
    }

    /// Judges what the client claims about the whole object.
    fn judge_whole(&self, object: &Object) -> Result<(), RestError> {
        let size = self.header("x-amz-mp-object-size").and_then(|size| size.parse::<u64>().ok());
        if size.is_some_and(|size| size != object.length) {
            return Err(invalid_request(
                "The provided 'x-amz-mp-object-size' header does not match what was computed.",
            ));
        }
        for algorithm in Algorithm::ALL {
            let Some(claimed) = self.header(algorithm.header()) else { continue };
            let kept = object.checksum.as_ref().filter(|checksum| checksum.algorithm == algorithm);
            let is_right =
                kept.is_some_and(|kept| kept.value == claimed || kept.value.starts_with(&format!("{claimed}-")));
            if !is_right {
                return Err(bad_digest(algorithm));
            }
        }
        Ok(())
    }
}

/// The part `number`, if the tag and the checksum are those that it has.
fn judged<'a>(listed: &Element, number: u32, upload: &'a Upload) -> Result<&'a Part, RestError> {
    let invalid = || {
        let message = "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
        RestError::client("InvalidPart", message).with("PartNumber", number.to_string())
    };
    let part = upload.parts.get(&number).ok_or_else(invalid)?;
    let tag = listed.value("ETag").ok_or_else(malformed_xml)?;
    let sum = listed.value(upload.algorithm.element());
    let is_right = part.etag.is(tag.trim()) && sum.is_none_or(|sum| sum.trim() == base64(&part.sum));
    if is_right { Ok(part) } else { Err(invalid()) }
}

fn joined(upload: &Upload, parts: &[Part]) -> Object {
    let sums = parts.iter().map(|part| part.sum.as_slice());
    let algorithm = upload.algorithm;
    let value = match upload.kind {
        ChecksumType::Composite => Some(format!("{}-{}", base64(composite(algorithm, sums)), parts.len())),
        ChecksumType::FullObject => full(algorithm, sums.zip(parts.iter().map(|part| part.length))).map(base64),
    };
    Object {
        data: Data::joined(parts.iter().map(|part| &part.data)),
        length: parts.iter().map(|part| part.length).sum(),
        etag: ETag::of_parts(md5(parts.iter().map(|part| &part.md5)), parts.len()),
        checksum: value.map(|value| Checksum { algorithm, kind: upload.kind, value }),
        metadata: upload.metadata.clone(),
        parts: parts.iter().map(|part| part.length).collect(),
    }
}
