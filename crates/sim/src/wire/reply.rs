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

use crate::{content::FileSlice, rest::StoredBody};

/// An answer before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Whether it breaks off in the middle of its body.
    pub(crate) is_truncated: bool,
    /// How long the body would be, in an answer to `HEAD`.
    pub(crate) length: Option<u64>,
    /// A file in place of the body, which is never held in memory whole.
    pub(crate) file: Option<FileSlice>,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, body: body.into(), is_truncated: false, length: None, file: None }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), is_truncated: false, length: None, file: None }
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

    /// Says how long the body would be that `HEAD` leaves out.
    pub(crate) fn with_length(self, length: u64) -> Self {
        Self { length: Some(length), ..self }
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let breaks = self.is_truncated;
        let whole = self.body.len();
        let length = self.length.unwrap_or_else(|| self.file.as_ref().map_or(whole as u64, FileSlice::left));
        let body = match self.file {
            Some(file) => {
                Body { source: Source::File(if breaks { file.halved() } else { file }), breaks, has_waited: false }
            }
            None => Body::whole(self.body, breaks),
        };
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
    source: Source,
    breaks: bool,
    has_waited: bool,
}

#[derive(Debug)]
enum Source {
    Held(Option<Bytes>),
    File(FileSlice),
    Stored(Box<StoredBody>),
}

impl Body {
    /// A body that is in memory, or the first half of it before the connection is closed.
    pub(crate) fn whole(mut bytes: Bytes, breaks: bool) -> Self {
        bytes.truncate(if breaks { bytes.len() / 2 } else { bytes.len() });
        let held = (!bytes.is_empty()).then_some(bytes);
        Self { source: Source::Held(held), breaks, has_waited: false }
    }

    /// A body that is on disk, or the first half of it.
    pub(crate) fn stored(body: StoredBody, breaks: bool) -> Self {
        let body = if breaks { body.halved() } else { body };
        Self { source: Source::Stored(Box::new(body)), breaks, has_waited: false }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let next = match &mut self.source {
            Source::Held(part) => Poll::Ready(part.take().map(|part| Ok(Frame::data(part)))),
            Source::Stored(body) => body.poll(context),
            // A file that cannot be read any longer ends the answer as a broken connection would.
            Source::File(file) => Poll::Ready(match file.next() {
                Ok(piece) => piece.map(|piece| Ok(Frame::data(piece))),
                Err(_) => Some(Err(Dropped)),
            }),
        };
        if !self.breaks || !matches!(next, Poll::Ready(None)) {
            return next;
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
