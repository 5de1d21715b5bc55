//! The body of an answer that is read from disk while it is sent.
//!
//! One piece of it is in memory at a time, and no thread waits for a slow client.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::Frame;
use tokio::task::JoinHandle;

use crate::{s3::Data, wire::reply::Dropped};

/// How much is read at once.
const PIECE: u64 = 256 * 1024;

/// What is stored, on its way to a client.
#[derive(Debug)]
pub(crate) struct StoredBody {
    data: Data,
    at: u64,
    end: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// Whether the first byte is to be wrong.
    is_corrupted: bool,
}

impl StoredBody {
    pub(crate) fn new(data: Data) -> Self {
        let end = data.length();
        Self { data, at: 0, end, reading: None, is_corrupted: false }
    }

    pub(crate) fn corrupted(self) -> Self {
        Self { is_corrupted: true, ..self }
    }

    /// The first half of it.
    pub(crate) fn halved(self) -> Self {
        Self { end: self.end / 2, ..self }
    }

    /// How many bytes it says that it has.
    pub(crate) fn length(&self) -> u64 {
        self.data.length()
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.at == self.end {
            return Poll::Ready(None);
        }
        let (data, at, end) = (&self.data, self.at, self.end);
        let reading = self.reading.get_or_insert_with(|| {
            let part = data.slice(at, end.min(at + PIECE));
            tokio::task::spawn_blocking(move || part.read())
        });
        let read = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        let Ok(Ok(bytes)) = read else { return Poll::Ready(Some(Err(Dropped))) };
        let bytes = if self.is_corrupted && self.at == 0 { flipped(&bytes) } else { bytes };
        self.at += bytes.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

/// The same bytes, but for the first one.
pub(crate) fn flipped(bytes: &Bytes) -> Bytes {
    let mut wrong = bytes.to_vec();
    if let Some(first) = wrong.first_mut() {
        *first ^= 0xff;
    }
    wrong.into()
}
