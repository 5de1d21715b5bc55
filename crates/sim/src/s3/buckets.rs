//! The operations on buckets themselves, and on their configurations.
//!
//! Names are the same for all accounts, as in AWS.

use bytes::Bytes;

use super::{
    bucket::{Bucket, Document, Versioning},
    errors,
    names::BucketName,
    policy::Policy,
    work::Work,
};
use crate::{
    api::iso_whole,
    rest::{Element, RestError, RestReply, Xml},
};

pub(super) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// The region whose buckets have no location constraint.
const FIRST: &str = "us-east-1";

impl Work<'_> {
    pub(super) fn list_buckets(&self) -> Result<RestReply, RestError> {
        if self.request.is_anonymous {
            return Err(errors::access_denied("Access Denied"));
        }
        let account = self.request.caller.account.as_str();
        let own = self.storage.all().into_iter().filter(|bucket| bucket.account == account);
        let document = Xml::document().root("ListAllMyBucketsResult", NAMESPACE, |xml| {
            let xml = xml.element("Owner", |xml| xml.text("ID", owner_id(account)));
            xml.element("Buckets", |xml| {
                xml.each(own, |xml, bucket| {
                    xml.element("Bucket", |xml| {
                        let xml =
                            xml.text("Name", bucket.name.as_str()).text("CreationDate", iso_whole(bucket.created));
                        xml.text("BucketRegion", &bucket.region)
                    })
                })
            })
        });
        Ok(RestReply::xml(200, document.done()))
    }

    pub(super) fn create_bucket(&self, body: &Bytes) -> Result<RestReply, RestError> {
        let name = BucketName::read(&self.request.bucket)?;
        let (account, region) = (&self.request.caller.account, &self.request.caller.region);
        check_location(location(body)?.as_deref(), region)?;
        let location = format!("/{name}");
        match self.storage.add(&name, account, region, self.now()) {
            Ok(()) => Ok(RestReply::empty(200).header("location", location)),
            Err(existing) if existing.account != *account => {
                let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
                Err(RestError::new(409, "BucketAlreadyExists", message).with("BucketName", name.as_str()))
            }
            // In the oldest region making a bucket again is no mistake.
            Err(existing) if existing.region == FIRST && region == FIRST => {
                Ok(RestReply::empty(200).header("location", location))
            }
            Err(_) => {
                let message = "Your previous request to create the named bucket succeeded and you already own it.";
                Err(RestError::new(409, "BucketAlreadyOwnedByYou", message).with("BucketName", name.as_str()))
            }
        }
    }

    pub(super) fn delete_bucket(&self, bucket: &Bucket) -> Result<RestReply, RestError> {
        self.storage.remove(bucket)?;
        Ok(RestReply::empty(204))
    }

    pub(super) fn bucket_location(bucket: &Bucket) -> RestReply {
        let region = if bucket.region == FIRST { "" } else { bucket.region.as_str() };
        let document = Xml::document().root("LocationConstraint", NAMESPACE, |xml| xml.plain(region));
        RestReply::xml(200, document.done())
    }

    pub(super) fn bucket_versioning(bucket: &Bucket) -> RestReply {
        let status = match bucket.state().versioning {
            Versioning::Off => None,
            Versioning::Enabled => Some("Enabled"),
            Versioning::Suspended => Some("Suspended"),
        };
        let document = Xml::document().root("VersioningConfiguration", NAMESPACE, |xml| xml.maybe("Status", status));
        RestReply::xml(200, document.done())
    }

    pub(super) fn put_bucket_versioning(bucket: &Bucket, body: &Bytes) -> Result<RestReply, RestError> {
        let configuration = Element::read(body, "VersioningConfiguration")?;
        let versioning = match configuration.value("Status") {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            Some(_) => return Err(errors::malformed_xml()),
            None => {
                let message = "The Versioning element must be specified";
                return Err(RestError::client("IllegalVersioningConfigurationException", message));
            }
        };
        bucket.state().versioning = versioning;
        Ok(RestReply::empty(200))
    }

    pub(super) fn get_document(bucket: &Bucket, document: Document) -> Result<RestReply, RestError> {
        let kept = bucket.state().documents.get(&document).cloned();
        match (kept, document.root()) {
            (Some(text), Some(_)) => Ok(RestReply::xml(200, text)),
            (Some(text), None) => Ok(RestReply::bytes(200, text.into()).header("content-type", "application/json")),
            (None, _) => {
                let (code, message) = document.absent();
                Err(RestError::new(404, code, message).with("BucketName", bucket.name.as_str()))
            }
        }
    }

    pub(super) fn put_document(bucket: &Bucket, document: Document, body: &Bytes) -> Result<RestReply, RestError> {
        let text = String::from_utf8(body.to_vec()).map_err(|_| errors::malformed_xml())?;
        let policy = match document.root() {
            None => Some(Policy::read(&text)?),
            Some(root) => Element::read(body, root).map(|_| None)?,
        };
        let mut state = bucket.state();
        if policy.is_some() {
            state.policy = policy;
        }
        state.documents.insert(document, text);
        Ok(RestReply::empty(if document == Document::Policy { 204 } else { 200 }))
    }

    pub(super) fn delete_document(bucket: &Bucket, document: Document) -> RestReply {
        let mut state = bucket.state();
        state.documents.remove(&document);
        if document == Document::Policy {
            state.policy = None;
        }
        RestReply::empty(204)
    }
}

/// What listings call an account.
pub(super) fn owner_id(account: &str) -> String {
    format!("{account:0>64}")
}

fn location(body: &Bytes) -> Result<Option<String>, RestError> {
    if body.is_empty() {
        return Ok(None);
    }
    let configuration = Element::read(body, "CreateBucketConfiguration")?;
    Ok(configuration.value("LocationConstraint").filter(|region| !region.is_empty()).map(str::to_owned))
}

fn check_location(asked: Option<&str>, region: &str) -> Result<(), RestError> {
    match asked {
        Some(FIRST) => {
            Err(RestError::client("InvalidLocationConstraint", "The specified location-constraint is not valid")
                .with("LocationConstraint", FIRST))
        }
        Some(asked) if asked == region => Ok(()),
        None if region == FIRST => Ok(()),
        asked => {
            let asked = asked.unwrap_or("unspecified");
            let message = format!(
                "The {asked} location constraint is incompatible for the region specific endpoint this request was sent to."
            );
            Err(RestError::client("IllegalLocationConstraintException", message))
        }
    }
}
