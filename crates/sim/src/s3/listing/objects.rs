//! `ListObjectsV2`, and `ListObjects` before it.
//!
//! Both show the newest versions that are no delete markers.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

use super::page::{Page, Question, Shown};
use crate::{
    api::iso_whole,
    rest::{RestError, RestReply, Xml},
    s3::{
        bucket::Bucket,
        buckets::{NAMESPACE, owner_id},
        errors::invalid_argument,
        names::Key,
        object::Version,
        work::Work,
    },
};

impl Work<'_> {
    pub(in crate::s3) fn list_objects_v2(&self, bucket: &Bucket) -> Result<RestReply, RestError> {
        let target = &self.request.target;
        let mut question = Question::read(target, self.storage.knobs.page, "max-keys")?;
        let (token, start) = (target.filled("continuation-token"), target.filled("start-after"));
        question.after = token.map(read_token).transpose()?.or_else(|| start.map(str::to_owned));
        let page = listed(bucket, &question);
        let (shown, owner) = (question.shown(), target.parameter("fetch-owner") == Some("true"));
        let document = Xml::document().root("ListBucketResult", NAMESPACE, |xml| {
            let xml = shown.heading(xml.text("Name", bucket.name.as_str()), &question);
            let xml = xml.text("KeyCount", (page.items.len() + page.prefixes.len()).to_string());
            let xml = xml.text("MaxKeys", question.most.to_string());
            let xml = xml.maybe("StartAfter", start.map(|start| shown.name(start)));
            let xml = xml.maybe("ContinuationToken", token);
            let xml = xml.text("IsTruncated", page.next.is_some().to_string());
            let xml = xml.maybe("NextContinuationToken", page.next.as_deref().map(token_of));
            written(xml, &page, shown, owner.then_some(bucket.account.as_str()))
        });
        Ok(RestReply::xml(200, document.done()))
    }

    pub(in crate::s3) fn list_objects(&self, bucket: &Bucket) -> Result<RestReply, RestError> {
        let target = &self.request.target;
        let mut question = Question::read(target, self.storage.knobs.page, "max-keys")?;
        let marker = target.parameter("marker").unwrap_or_default();
        question.after = target.filled("marker").map(str::to_owned);
        let page = listed(bucket, &question);
        let shown = question.shown();
        let document = Xml::document().root("ListBucketResult", NAMESPACE, |xml| {
            let xml = shown.heading(xml.text("Name", bucket.name.as_str()), &question);
            let xml = xml.text("Marker", shown.name(marker)).text("MaxKeys", question.most.to_string());
            let xml = xml.text("IsTruncated", page.next.is_some().to_string());
            // Without a delimiter the last key is the next marker, and is not said again.
            let next = page.next.as_deref().filter(|_| question.delimiter.is_some());
            let xml = xml.maybe("NextMarker", next.map(|next| shown.name(next)));
            written(xml, &page, shown, Some(&bucket.account))
        });
        Ok(RestReply::xml(200, document.done()))
    }
}

fn listed(bucket: &Bucket, question: &Question) -> Page<Arc<Version>> {
    let state = bucket.state();
    let keys = state.contents.keys.range::<str, _>(question.start());
    let current = keys.filter_map(|(key, versions)| {
        let newest = versions.last().filter(|version| version.object.is_some())?;
        Some((key, newest))
    });
    let page = question.page(current);
    let items = page.items.into_iter().map(|(key, version)| (key, Arc::clone(version))).collect();
    Page { items, prefixes: page.prefixes, next: page.next }
}

fn written(xml: Xml, page: &Page<Arc<Version>>, shown: Shown, owner: Option<&str>) -> Xml {
    let xml = xml.each(&page.items, |xml, (key, version)| {
        xml.element("Contents", |xml| contents(xml, key, version, shown, owner))
    });
    shown.prefixes(xml, &page.prefixes)
}

fn contents(xml: Xml, key: &Key, version: &Version, shown: Shown, owner: Option<&str>) -> Xml {
    let xml = xml.text("Key", shown.name(key.as_str())).text("LastModified", iso_whole(version.modified));
    let Some(object) = version.object() else { return xml };
    let xml = xml.text("ETag", object.etag.quoted());
    let xml = match &object.checksum {
        Some(checksum) => {
            xml.text("ChecksumAlgorithm", checksum.algorithm.name()).text("ChecksumType", checksum.kind.name())
        }
        None => xml,
    };
    let xml = match owner {
        Some(account) => xml.element("Owner", |xml| xml.text("ID", owner_id(account))),
        None => xml,
    };
    xml.text("Size", object.length.to_string()).text("StorageClass", "STANDARD")
}

fn token_of(last: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(last)
}

fn read_token(token: &str) -> Result<String, RestError> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| invalid_argument("continuation-token", token, "The continuation token provided is incorrect"))
}
