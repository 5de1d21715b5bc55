//! The headers that an object keeps, in and out.
//!
//! Storage classes, encryption and ACLs are taken and forgotten.

use hyper::HeaderMap;

use crate::{
    api::http_date,
    rest::{RestError, RestReply, Target},
    s3::{
        bucket::Versioning,
        object::{KEPT, Metadata, Object, REDIRECT, Version},
    },
};

const USER: &str = "x-amz-meta-";
/// The most bytes of user metadata.
const MOST_METADATA: usize = 2048;

/// Reads what is kept with an object.
pub(in crate::s3) fn read_metadata(headers: &HeaderMap) -> Result<Metadata, RestError> {
    let mut metadata = Metadata::default();
    for (name, value) in headers {
        let name = name.as_str();
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if let Some(user) = name.strip_prefix(USER) {
            metadata.user.insert(user.to_owned(), value);
        } else if KEPT.contains(&name) || name == REDIRECT {
            metadata.headers.insert(name.to_owned(), value);
        }
    }
    let coding = metadata.headers.remove("content-encoding").and_then(|codings| content_coding(&codings));
    metadata.headers.extend(coding.map(|coding| ("content-encoding".to_owned(), coding)));
    let size: usize = metadata.user.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST_METADATA {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(RestError::client("MetadataTooLarge", message)
            .with("Size", size.to_string())
            .with("MaxSizeAllowed", MOST_METADATA.to_string()));
    }
    Ok(metadata)
}

/// What of a coding belongs to the object and not to the transfer.
fn content_coding(codings: &str) -> Option<String> {
    let kept: Vec<&str> =
        codings.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked" && !coding.is_empty()).collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// The headers that an answer about an object has.
pub(crate) fn with_object(reply: RestReply, version: &Version, object: &Object) -> RestReply {
    let reply = reply
        .header("etag", object.etag.quoted())
        .header("last-modified", http_date(version.modified))
        .header("accept-ranges", "bytes")
        .header("content-type", object.metadata.header("content-type").unwrap_or("binary/octet-stream"))
        .header("x-amz-server-side-encryption", "AES256");
    let reply = object.metadata.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value));
    object.metadata.user.iter().fold(reply, |reply, (name, value)| reply.header(&format!("{USER}{name}"), value))
}

/// The id of a version, where versions are kept.
pub(in crate::s3) fn with_version(reply: RestReply, versioning: Versioning, id: &str) -> RestReply {
    match versioning {
        Versioning::Off => reply,
        Versioning::Enabled | Versioning::Suspended => reply.header("x-amz-version-id", id),
    }
}

/// The checksum of an object.
pub(in crate::s3) fn with_checksum(reply: RestReply, object: &Object) -> RestReply {
    match &object.checksum {
        Some(checksum) => reply
            .header(checksum.algorithm.header(), &checksum.value)
            .header("x-amz-checksum-type", checksum.kind.name()),
        None => reply,
    }
}

/// What the address asks to be answered instead of what is kept.
pub(super) fn with_overrides(reply: RestReply, target: &Target) -> RestReply {
    KEPT.iter().fold(reply, |reply, name| reply.maybe(name, target.parameter(&format!("response-{name}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_framing_is_no_coding_of_the_object() {
        assert_eq!(content_coding("aws-chunked"), None);
        assert_eq!(content_coding("gzip, aws-chunked").as_deref(), Some("gzip"));
        assert_eq!(content_coding("br").as_deref(), Some("br"));
    }
}
