//! What a viewer is answered with.
//!
//! Ranges are not served: the whole is answered, as HTTP allows.

use jiff::Timestamp;

use super::cache::Found;
use crate::{
    api::http_date,
    rest::{RestReply, StoredBody},
    s3::{Object, Version},
};

/// What is small enough to be answered at once.
const SMALL: u64 = 256 * 1024;

/// An object.
pub(super) fn object(status: u16, version: &Version, object: &Object, is_head: bool) -> RestReply {
    let reply = match (is_head, object.length) {
        (true, length) => RestReply::told(status, length),
        (false, length) if length > SMALL => RestReply::stored(status, StoredBody::new(object.data.clone())),
        (false, _) => match object.data.read() {
            Ok(bytes) => RestReply::bytes(status, bytes),
            Err(_) => return error(502, is_head),
        },
    };
    crate::s3::with_object(reply, version, object)
}

/// Nothing, since the viewer has it.
pub(super) fn unchanged(version: &Version, object: &Object) -> RestReply {
    let reply = RestReply::empty(304).header("etag", object.etag.quoted());
    let reply = reply.maybe("cache-control", object.metadata.header("cache-control"));
    reply.header("last-modified", http_date(version.modified))
}

/// An error without a page of its own.
pub(super) fn error(status: u16, is_head: bool) -> RestReply {
    let (code, message) = match status {
        403 => ("AccessDenied", "Access Denied"),
        404 => ("NoSuchKey", crate::s3::NO_SUCH_KEY),
        _ => ("BadGateway", "The origin could not be reached"),
    };
    let document = crate::rest::Xml::document().element("Error", |xml| xml.text("Code", code).text("Message", message));
    let document = document.done();
    if is_head { RestReply::told(status, document.len() as u64) } else { RestReply::xml(status, document) }
}

/// A method that the distribution does not take.
pub(super) fn wrong_method() -> RestReply {
    let text = "This distribution is not configured to allow the HTTP request method that was used for this request. The distribution supports only cachable requests.";
    RestReply::bytes(403, text.into()).header("content-type", "text/plain").header("x-cache", "Error from cloudfront")
}

/// What every answer of an edge says about itself.
pub(super) fn with_edge(
    reply: RestReply,
    found: Option<Found>,
    domain: &str,
    location: &str,
    now: Timestamp,
) -> RestReply {
    let (cache, age) = match found {
        None => ("Error from cloudfront", None),
        Some(Found::Hit(seconds)) => ("Hit from cloudfront", Some(seconds.to_string())),
        Some(Found::Miss) => ("Miss from cloudfront", None),
        Some(Found::RefreshHit) => ("RefreshHit from cloudfront", None),
    };
    reply
        .header("x-cache", cache)
        .maybe("age", age)
        .header("via", format!("1.1 {domain} (CloudFront)"))
        .header("x-amz-cf-pop", location)
        .header("date", http_date(now))
}
