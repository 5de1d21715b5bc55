//! A request's body that says how far it came, so that one that stands still is told from one that is long.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// How much is handed on at a time.
const PIECE: usize = 64 * 1024;

/// How many pieces were taken from a body.
#[derive(Debug, Clone, Default)]
pub(in crate::site) struct Taken(Arc<AtomicU64>);

impl Taken {
    pub(in crate::site) fn pieces(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body of a length that is known.
pub(in crate::site) struct Watched {
    from: From,
    left: u64,
    taken: Taken,
}

enum From {
    Bytes(Bytes),
    Pieces(mpsc::Receiver<Bytes>),
}

impl Watched {
    /// Bytes that are there.
    pub(in crate::site) fn bytes(bytes: Bytes, taken: Taken) -> Self {
        Self { left: bytes.len() as u64, from: From::Bytes(bytes), taken }
    }

    /// What arrives, of this length.
    pub(in crate::site) fn pieces(pieces: mpsc::Receiver<Bytes>, length: u64, taken: Taken) -> Self {
        Self { left: length, from: From::Pieces(pieces), taken }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut self.from {
            From::Bytes(bytes) if bytes.is_empty() => None,
            From::Bytes(bytes) => Some(bytes.split_to(bytes.len().min(PIECE))),
            From::Pieces(pieces) => match pieces.poll_recv(context) {
                Poll::Ready(piece) => piece,
                Poll::Pending => return Poll::Pending,
            },
        };
        self.left = self.left.saturating_sub(piece.as_ref().map_or(0, |piece| piece.len() as u64));
        self.taken.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn lengths(mut body: Watched) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            lengths.push(frame.into_data().map_or(0, |data| data.len()));
        }
        assert!(body.is_end_stream());
        lengths
    }

    #[tokio::test]
    async fn bytes_go_in_pieces_that_are_counted() {
        let taken = Taken::default();
        let body = Watched::bytes(Bytes::from(vec![7; PIECE + 1]), taken.clone());
        assert_eq!(body.size_hint().exact(), Some(PIECE as u64 + 1));
        assert_eq!(lengths(body).await, [PIECE, 1]);
        assert!(taken.pieces() >= 2);
    }

    #[tokio::test]
    async fn what_arrives_goes_on_as_it_comes() {
        let (sender, receiver) = mpsc::channel(2);
        sender.send(Bytes::from_static(b"tow")).await.unwrap();
        sender.send(Bytes::from_static(b"path")).await.unwrap();
        drop(sender);
        assert_eq!(lengths(Watched::pieces(receiver, 7, Taken::default())).await, [3, 4]);
    }
}
