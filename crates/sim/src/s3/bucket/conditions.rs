//! The conditions of requests: what a client asks to be true.
//!
//! Writes are judged under the bucket's lock, so that of two only one can find its condition true.

use hyper::HeaderMap;
use jiff::Timestamp;

use crate::{
    api::read_http_date,
    rest::RestError,
    s3::{
        errors::{no_such_key, not_implemented, precondition_failed},
        names::{ETag, Key},
        object::{Object, Version},
    },
};

/// What a write asks to be true.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::s3) struct WriteConditions {
    pub(in crate::s3) if_match: Option<String>,
    /// Whether there must be nothing yet.
    pub(in crate::s3) if_none_match: bool,
}

impl WriteConditions {
    pub(in crate::s3) fn read(headers: &HeaderMap) -> Result<Self, RestError> {
        let if_none_match = match text(headers, "if-none-match") {
            None => false,
            Some("*") => true,
            Some(_) => return Err(not_implemented("If-None-Match")),
        };
        let if_match = text(headers, "if-match").map(str::to_owned);
        if if_match.is_some() && if_none_match {
            return Err(not_implemented("If-Match,If-None-Match"));
        }
        Ok(Self { if_match, if_none_match })
    }

    pub(in crate::s3) fn is_any(&self) -> bool {
        self.if_none_match || self.if_match.is_some()
    }

    /// The name of the condition that is asked.
    pub(in crate::s3) fn name(&self) -> &'static str {
        if self.if_none_match { "If-None-Match" } else { "If-Match" }
    }

    /// Judges them of what `key` names now.
    pub(in crate::s3) fn judge(&self, key: &Key, current: Option<&Object>) -> Result<(), RestError> {
        match (&self.if_match, current) {
            (None, Some(_)) if self.if_none_match => Err(precondition_failed("If-None-Match")),
            (Some(_), None) => Err(no_such_key(key.as_str())),
            (Some(tag), Some(object)) if !object.etag.is(tag) => Err(precondition_failed("If-Match")),
            (Some(_), Some(_)) | (None, _) => Ok(()),
        }
    }
}

/// What a read asks to be true.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct ReadConditions {
    pub(in crate::s3) matches: Option<String>,
    pub(in crate::s3) matches_none: Option<String>,
    pub(in crate::s3) modified_since: Option<Timestamp>,
    pub(in crate::s3) unmodified_since: Option<Timestamp>,
}

impl ReadConditions {
    /// Those of a read, whose headers begin with nothing, or of the source of a copy.
    pub(in crate::s3) fn read(headers: &HeaderMap, prefix: &str) -> Self {
        let tag = |name: &str| text(headers, &format!("{prefix}{name}")).map(str::to_owned);
        let date = |name: &str| text(headers, &format!("{prefix}{name}")).and_then(read_http_date);
        Self {
            matches: tag("if-match"),
            matches_none: tag("if-none-match"),
            modified_since: date("if-modified-since"),
            unmodified_since: date("if-unmodified-since"),
        }
    }

    /// The condition that does not hold, if one does not, in the order of precedence.
    pub(in crate::s3) fn failed(&self, version: &Version, etag: &ETag) -> Option<&'static str> {
        let changed = version.modified.as_second();
        let unmodified = self.unmodified_since.is_none_or(|since| changed <= since.as_second());
        match &self.matches {
            Some(tags) if !etag.is_in(tags) => return Some("If-Match"),
            None if !unmodified => return Some("If-Unmodified-Since"),
            Some(_) | None => {}
        }
        let modified = self.modified_since.is_none_or(|since| changed > since.as_second());
        match &self.matches_none {
            Some(tags) => etag.is_in(tags).then_some("If-None-Match"),
            None => (!modified).then_some("If-Modified-Since"),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
