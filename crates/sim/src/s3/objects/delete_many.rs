//! `DeleteObjects`: up to a thousand keys, each with an outcome of its own.
//!
//! The answer is 200 whatever became of the keys.

use bytes::Bytes;

use crate::{
    rest::{Element, RestError, RestReply, Xml},
    s3::{
        body::Claims,
        bucket::{Bucket, Deleted},
        buckets::NAMESPACE,
        errors::{invalid_request, malformed_xml},
        names::Key,
        work::Work,
    },
};

const MOST: usize = 1000;

/// A key to be deleted, and how that ended.
struct Outcome<'a> {
    key: &'a str,
    version: Option<&'a str>,
    ended: Result<Deleted, RestError>,
}

impl Work<'_> {
    pub(in crate::s3) fn delete_objects(
        &self,
        bucket: &Bucket,
        claims: &Claims,
        body: &Bytes,
    ) -> Result<RestReply, RestError> {
        if !claims.protects() {
            return Err(invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*"));
        }
        let request = Element::read(body, "Delete")?;
        let wanted: Vec<&Element> = request.all("Object").collect();
        if wanted.is_empty() || wanted.len() > MOST {
            return Err(malformed_xml());
        }
        let is_quiet = request.value("Quiet").is_some_and(|quiet| quiet.trim() == "true");
        let outcomes: Vec<Outcome<'_>> = wanted.into_iter().map(|object| self.delete_one(bucket, object)).collect();
        let shown = outcomes.iter().filter(|outcome| !is_quiet || outcome.ended.is_err());
        let document = Xml::document().root("DeleteResult", NAMESPACE, |xml| xml.each(shown, Outcome::write));
        Ok(RestReply::xml(200, document.done()))
    }

    fn delete_one<'a>(&self, bucket: &Bucket, object: &'a Element) -> Outcome<'a> {
        let (key, version) = (object.value("Key").unwrap_or_default(), object.value("VersionId"));
        let action = if version.is_some() { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        let delete = || {
            let name = Key::read(key)?;
            self.allowed(bucket, action, Some(&name))?;
            self.delete(bucket, &name, version, object.value("ETag"))
        };
        Outcome { key, version, ended: delete() }
    }
}

impl Outcome<'_> {
    fn write(xml: Xml, outcome: &Self) -> Xml {
        match &outcome.ended {
            Ok(deleted) => xml.element("Deleted", |xml| {
                let xml = xml.text("Key", outcome.key).maybe("VersionId", outcome.version);
                let xml = xml.maybe("DeleteMarker", deleted.marker.then_some("true"));
                let marker = deleted.version.as_deref().filter(|_| deleted.marker);
                xml.maybe("DeleteMarkerVersionId", marker)
            }),
            Err(error) => xml.element("Error", |xml| {
                let xml = xml.text("Key", outcome.key).maybe("VersionId", outcome.version);
                xml.text("Code", &error.error.code).text("Message", &error.error.message)
            }),
        }
    }
}
