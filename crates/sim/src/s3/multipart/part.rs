//! `UploadPart` and `UploadPartCopy`.
//!
//! The size of a part is judged when the upload is completed, since the last one may be of any.

use std::sync::Arc;

use hyper::body::Incoming;
use jiff::Timestamp;

use super::upload::Part;
use crate::{
    api::iso_whole,
    rest::{RestError, RestReply, Xml},
    s3::{
        blobs::Data,
        body::{Claims, receive},
        bucket::Bucket,
        buckets::NAMESPACE,
        checksums::{Algorithm, Sums, base64},
        errors::{invalid_argument, invalid_request},
        names::{ETag, Key},
        objects::Range,
        work::Work,
    },
};

const MOST: u32 = 10_000;

impl Work<'_> {
    pub(in crate::s3) async fn upload_part(
        &self,
        bucket: &Arc<Bucket>,
        key: &Key,
        body: &mut Incoming,
        claims: &Claims,
    ) -> Result<RestReply, RestError> {
        let number = self.part_number()?;
        let (algorithm, is_named) = self.with_upload(bucket, key, |upload| (upload.algorithm, upload.is_named))?;
        check_algorithm(algorithm, is_named, claims.algorithm())?;
        let received = receive(body, claims, Some(algorithm), &self.storage.blobs).await?;
        let part = made(received.data, &received.sums, algorithm, self.now());
        // The client is told the checksum that it chose, or else the one that is kept.
        let told = claims.algorithm().unwrap_or(algorithm);
        let reply = RestReply::empty(200)
            .header("etag", part.etag.quoted())
            .maybe(told.header(), received.sums.get(told).map(base64))
            .header("x-amz-server-side-encryption", "AES256");
        self.with_upload(bucket, key, |upload| upload.parts.insert(number, part))?;
        Ok(reply)
    }

    pub(in crate::s3) async fn copy_part(&self, bucket: &Arc<Bucket>, key: &Key) -> Result<RestReply, RestError> {
        let number = self.part_number()?;
        let algorithm = self.with_upload(bucket, key, |upload| upload.algorithm)?;
        let source = self.source()?;
        let original = source.object()?;
        let range = self.header("x-amz-copy-source-range").map(|header| range(header, original.length)).transpose()?;
        let range = range.unwrap_or(Range { start: 0, end: original.length });
        let data = original.data.slice(range.start, range.end);
        let sums = self.storage.sums(&data, vec![algorithm]).await?;
        let part = made(data, &sums, algorithm, self.now());
        let document = Xml::document().root("CopyPartResult", NAMESPACE, |xml| {
            let xml = xml.text("LastModified", iso_whole(part.modified)).text("ETag", part.etag.quoted());
            xml.text(algorithm.element(), base64(&part.sum))
        });
        self.with_upload(bucket, key, |upload| upload.parts.insert(number, part))?;
        let reply = RestReply::xml(200, document.done());
        Ok(reply.maybe("x-amz-copy-source-version-id", source.is_versioned.then_some(&source.version.id)))
    }

    fn part_number(&self) -> Result<u32, RestError> {
        let text = self.request.target.parameter("partNumber").unwrap_or_default();
        let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
        number.ok_or_else(|| {
            invalid_argument("partNumber", text, "Part number must be an integer between 1 and 10000, inclusive")
        })
    }
}

fn made(data: Data, sums: &Sums, algorithm: Algorithm, modified: Timestamp) -> Part {
    Part {
        data,
        length: sums.length,
        etag: ETag::of_whole(sums.md5),
        md5: sums.md5,
        sum: sums.get(algorithm).unwrap_or_default().to_vec(),
        modified,
    }
}

/// Parts of an upload for which an algorithm was named have to be protected by it.
fn check_algorithm(upload: Algorithm, is_named: bool, part: Option<Algorithm>) -> Result<(), RestError> {
    match part {
        Some(part) if is_named && part != upload => {
            let (upload, part) = (upload.name().to_lowercase(), part.name().to_lowercase());
            let message = format!(
                "Checksum Type mismatch occurred, expected checksum Type: {upload}, actual checksum Type: {part}"
            );
            Err(invalid_request(message))
        }
        Some(_) | None => Ok(()),
    }
}

fn range(header: &str, length: u64) -> Result<Range, RestError> {
    let wrong = |message: String| invalid_argument("x-amz-copy-source-range", header, message);
    let given = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let numbers = given.and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    match numbers {
        Some((start, last)) if start <= last && last < length => Ok(Range { start, end: last + 1 }),
        Some((start, last)) if start <= last => {
            Err(wrong(format!("Range specified is not valid for source object of size: {length}")))
        }
        Some(_) | None => Err(wrong("The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy".to_owned())),
    }
}
