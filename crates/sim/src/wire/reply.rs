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

use crate::content::FileSlice;

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
        let part = match self.file {
            Some(_) => None,
            None => Some(self.body.slice(..if breaks { whole / 2 } else { whole })),
        };
        let file = self.file.map(|file| if breaks { file.halved() } else { file });
        let mut response = Response::new(Body { part, file, breaks, has_waited: false });
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
    file: Option<FileSlice>,
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
        // A file that cannot be read any longer ends the answer as a broken connection would.
        match self.file.as_mut().map(FileSlice::next) {
            Some(Ok(Some(piece))) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
            Some(Err(_)) => return Poll::Ready(Some(Err(Dropped))),
            Some(Ok(None)) | None => {}
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
