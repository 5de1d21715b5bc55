//! `ListObjectVersions`: every version of every key, newest first, delete markers among them.
//!
//! A page ends between two keys or between two versions of one.

use std::sync::Arc;

use super::page::{Page, Question, Shown};
use crate::{
    api::iso_whole,
    rest::{RestError, RestReply, Xml},
    s3::{
        bucket::Bucket,
        buckets::{NAMESPACE, owner_id},
        names::Key,
        object::Version,
        work::Work,
    },
};

/// A version in a listing.
struct Entry {
    key: Key,
    version: Arc<Version>,
    is_latest: bool,
}

impl Work<'_> {
    pub(in crate::s3) fn list_versions(&self, bucket: &Bucket) -> Result<RestReply, RestError> {
        let target = &self.request.target;
        let mut question = Question::read(target, self.storage.knobs.page, "max-keys")?;
        let (key_marker, id_marker) = (target.filled("key-marker"), target.filled("version-id-marker"));
        question.after = key_marker.map(str::to_owned);
        let (entries, page) = listed(bucket, &question, id_marker);
        let (entries, next) = cut(entries, &page, question.most);
        let shown = question.shown();
        let document = Xml::document().root("ListVersionsResult", NAMESPACE, |xml| {
            let xml = shown.heading(xml.text("Name", bucket.name.as_str()), &question);
            let xml = xml.text("KeyMarker", shown.name(key_marker.unwrap_or_default()));
            let xml = xml.text("VersionIdMarker", id_marker.unwrap_or_default());
            let xml = xml.text("MaxKeys", question.most.to_string()).text("IsTruncated", next.is_some().to_string());
            let xml = match &next {
                Some((key, id)) => xml.text("NextKeyMarker", shown.name(key)).maybe("NextVersionIdMarker", id.as_ref()),
                None => xml,
            };
            let xml = xml.each(&entries, |xml, entry| write(xml, entry, shown, &bucket.account));
            shown.prefixes(xml, &page.prefixes)
        });
        Ok(RestReply::xml(200, document.done()))
    }
}

fn listed(bucket: &Bucket, question: &Question, id_marker: Option<&str>) -> (Vec<Entry>, Page<Vec<Arc<Version>>>) {
    let state = bucket.state();
    let after = question.after.as_deref();
    let rest = id_marker.and_then(|id| Some((id, state.contents.keys.get_key_value(after?)?)));
    // What is left of the key at which the page before ended.
    let mut entries: Vec<Entry> = rest.map_or_else(Vec::new, |(id, (key, versions))| {
        entries(key, versions).skip_while(|entry| entry.version.id != id).skip(1).collect()
    });
    let keys = state.contents.keys.range::<str, _>(question.start());
    let page = question.page(keys);
    let page = Page {
        items: page.items.into_iter().map(|(key, versions)| (key, versions.clone())).collect(),
        prefixes: page.prefixes,
        next: page.next,
    };
    drop(state);
    entries.extend(page.items.iter().flat_map(|(key, versions)| self::entries(key, versions)));
    (entries, page)
}

fn entries<'a>(key: &'a Key, versions: &'a [Arc<Version>]) -> impl Iterator<Item = Entry> + 'a {
    let newest_first = versions.iter().rev().enumerate();
    newest_first.map(|(index, version)| Entry { key: key.clone(), version: Arc::clone(version), is_latest: index == 0 })
}

type Next = Option<(String, Option<String>)>;

/// As many entries as fit beside the common prefixes, and where the next page begins.
fn cut(mut entries: Vec<Entry>, page: &Page<Vec<Arc<Version>>>, most: usize) -> (Vec<Entry>, Next) {
    let room = most.saturating_sub(page.prefixes.len());
    if entries.len() > room {
        entries.truncate(room);
        let last = entries.last().map(|entry| (entry.key.to_string(), Some(entry.version.id.clone())));
        return (entries, last);
    }
    let next = page.next.clone().map(|key| {
        let id = entries.last().filter(|entry| entry.key.as_str() == key).map(|entry| entry.version.id.clone());
        (key, id)
    });
    (entries, next)
}

fn write(xml: Xml, entry: &Entry, shown: Shown, account: &str) -> Xml {
    let name = if entry.version.object.is_some() { "Version" } else { "DeleteMarker" };
    xml.element(name, |xml| {
        let xml = xml.text("Key", shown.name(entry.key.as_str())).text("VersionId", &entry.version.id);
        let xml = xml.text("IsLatest", entry.is_latest.to_string());
        let xml = xml.text("LastModified", iso_whole(entry.version.modified));
        let xml = match entry.version.object() {
            Some(object) => {
                let xml = xml.text("ETag", object.etag.quoted()).text("Size", object.length.to_string());
                xml.text("StorageClass", "STANDARD")
            }
            None => xml,
        };
        xml.element("Owner", |xml| xml.text("ID", owner_id(account)))
    })
}
