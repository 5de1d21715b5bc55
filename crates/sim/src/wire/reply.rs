//! What goes back to a client: whole, broken off on purpose, or not at all.
//!
//! It knows no protocol.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::{Body as HttpBody, Frame},
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue},
};

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it breaks off in the middle of its body.
    pub(crate) is_truncated: bool,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, body: body.into(), is_truncated: false }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), is_truncated: false }
    }

    pub(crate) fn text(status: StatusCode, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text)
    }

    pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// Sets a header; a value that HTTP cannot carry is left out.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let length = self.body.len();
        let shown = if self.is_truncated { length / 2 } else { length };
        let body = Body { part: Some(self.body.slice(..shown)), breaks: self.is_truncated, has_waited: false };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        response
    }
}

/// The connection is closed on purpose, before or in the middle of an answer.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was dropped on purpose")]
pub(crate) struct Dropped;

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct Body {
    part: Option<Bytes>,
    breaks: bool,
    has_waited: bool,
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if !self.breaks {
            return Poll::Ready(None);
        }
        if self.has_waited {
            return Poll::Ready(Some(Err(Dropped)));
        }
        // What was written so far goes out while this waits for one turn.
        self.has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
