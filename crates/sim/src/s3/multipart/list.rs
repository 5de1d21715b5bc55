//! `ListParts` and `ListMultipartUploads`.
//!
//! Both in the order that AWS documents: parts by number, uploads by key and then by time.

use crate::{
    api::iso_whole,
    rest::{RestError, RestReply, Xml},
    s3::{
        bucket::Bucket,
        buckets::{NAMESPACE, owner_id},
        checksums::base64,
        listing::Question,
        names::Key,
        work::Work,
    },
};

impl Work<'_> {
    pub(in crate::s3) fn list_parts(&self, bucket: &Bucket, key: &Key) -> Result<RestReply, RestError> {
        let upload = self.with_upload(bucket, key, |upload| upload.clone())?;
        let question = Question::read(&self.request.target, self.storage.knobs.page, "max-parts")?;
        let marker =
            self.request.target.filled("part-number-marker").and_then(|marker| marker.parse().ok()).unwrap_or(0);
        let mut rest = upload.parts.range(marker + 1..);
        let shown: Vec<_> = rest.by_ref().take(question.most).collect();
        let is_truncated = rest.next().is_some();
        let next = shown.last().map_or(0, |(number, _)| **number);
        let document = Xml::document().root("ListPartsResult", NAMESPACE, |xml| {
            let xml = xml.text("Bucket", bucket.name.as_str()).text("Key", key.as_str());
            let xml = xml.text("UploadId", self.upload_id()).text("PartNumberMarker", marker.to_string());
            let xml = xml.text("NextPartNumberMarker", next.to_string()).text("MaxParts", question.most.to_string());
            let xml = xml.text("IsTruncated", is_truncated.to_string()).text("StorageClass", "STANDARD");
            let xml = xml.element("Owner", |xml| xml.text("ID", owner_id(&bucket.account)));
            let xml = xml.maybe("ChecksumAlgorithm", upload.is_named.then_some(upload.algorithm.name()));
            let xml = xml.maybe("ChecksumType", upload.is_named.then_some(upload.kind.name()));
            xml.each(shown, |xml, (number, part)| {
                xml.element("Part", |xml| {
                    let xml = xml.text("PartNumber", number.to_string()).text("ETag", part.etag.quoted());
                    let xml = xml.text("LastModified", iso_whole(part.modified)).text("Size", part.length.to_string());
                    let sum = upload.is_named.then(|| base64(&part.sum));
                    xml.maybe(upload.algorithm.element(), sum)
                })
            })
        });
        Ok(RestReply::xml(200, document.done()))
    }

    pub(in crate::s3) fn list_uploads(&self, bucket: &Bucket) -> Result<RestReply, RestError> {
        let target = &self.request.target;
        let question = Question::read(target, self.storage.knobs.page, "max-uploads")?;
        let (key_marker, id_marker) =
            (target.parameter("key-marker").unwrap_or_default(), target.filled("upload-id-marker"));
        let mut uploads: Vec<(Key, String, jiff::Timestamp)> = {
            let state = bucket.state();
            let all = state.contents.uploads.iter();
            all.map(|(id, upload)| (upload.key.clone(), id.clone(), upload.begun)).collect()
        };
        uploads.retain(|(key, _, _)| key.as_str().starts_with(&question.prefix));
        uploads.sort_by(|one, other| (&one.0, one.2, &one.1).cmp(&(&other.0, other.2, &other.1)));
        let told = uploads.iter().position(|(key, id, _)| key.as_str() == key_marker && Some(id.as_str()) == id_marker);
        let mut rest = match told {
            Some(index) => uploads.split_off(index + 1),
            None => uploads.into_iter().filter(|(key, _, _)| key.as_str() > key_marker).collect(),
        };
        let is_truncated = rest.len() > question.most;
        rest.truncate(question.most);
        let shown = question.shown();
        let document = Xml::document().root("ListMultipartUploadsResult", NAMESPACE, |xml| {
            let xml = xml.text("Bucket", bucket.name.as_str()).text("KeyMarker", shown.name(key_marker));
            let xml = xml.text("UploadIdMarker", id_marker.unwrap_or_default());
            let xml = match rest.last().filter(|_| is_truncated) {
                Some((key, id, _)) => {
                    xml.text("NextKeyMarker", shown.name(key.as_str())).text("NextUploadIdMarker", id)
                }
                None => xml,
            };
            let xml = shown.heading(xml, &question).text("MaxUploads", question.most.to_string());
            let xml = xml.text("IsTruncated", is_truncated.to_string());
            xml.each(&rest, |xml, (key, id, begun)| {
                xml.element("Upload", |xml| {
                    let xml = xml.text("Key", shown.name(key.as_str())).text("UploadId", id);
                    let xml = xml.element("Owner", |xml| xml.text("ID", owner_id(&bucket.account)));
                    xml.text("StorageClass", "STANDARD").text("Initiated", iso_whole(*begun))
                })
            })
        });
        Ok(RestReply::xml(200, document.done()))
    }
}
