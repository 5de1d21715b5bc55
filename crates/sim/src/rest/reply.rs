//! What a REST service answers: a status, headers, and a body in memory or on disk.
//!
//! It knows neither S3 nor CloudFront.

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue},
};

use super::content::{StoredBody, flipped};
use crate::wire::reply::Body;

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct RestReply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    content: Content,
    /// The length that is told where the body itself is not sent.
    told: Option<u64>,
    breaks: bool,
}

#[derive(Debug)]
enum Content {
    Bytes(Bytes),
    Stored(StoredBody),
}

impl RestReply {
    pub(crate) fn empty(status: u16) -> Self {
        Self::bytes(status, Bytes::new())
    }

    pub(crate) fn xml(status: u16, document: String) -> Self {
        let mut reply = Self::bytes(status, document.into());
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        reply
    }

    pub(crate) fn bytes(status: u16, body: Bytes) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, headers: HeaderMap::new(), content: Content::Bytes(body), told: None, breaks: false }
    }

    pub(crate) fn stored(status: u16, body: StoredBody) -> Self {
        Self { content: Content::Stored(body), ..Self::empty(status) }
    }

    /// An answer that tells the length of a body that it does not have, as those to HEAD do.
    pub(crate) fn told(status: u16, length: u64) -> Self {
        Self { told: Some(length), ..Self::empty(status) }
    }

    /// Sets a header; a value that HTTP cannot carry is left out.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value.as_ref())) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same, if there is a value.
    pub(crate) fn maybe(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// The same, but the body breaks off in its middle.
    pub(crate) fn truncated(self) -> Self {
        Self { breaks: true, ..self }
    }

    /// The same, but the body is not what it should be, although it is as long.
    pub(crate) fn corrupted(self) -> Self {
        let content = match self.content {
            Content::Bytes(bytes) => Content::Bytes(flipped(&bytes)),
            Content::Stored(body) => Content::Stored(body.corrupted()),
        };
        Self { content, ..self }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let (length, body) = match self.content {
            Content::Bytes(bytes) => (bytes.len() as u64, Body::whole(bytes, self.breaks)),
            Content::Stored(stored) => (stored.length(), Body::stored(stored, self.breaks)),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let has_length = !matches!(self.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if has_length {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.told.unwrap_or(length)));
        }
        response
    }
}
