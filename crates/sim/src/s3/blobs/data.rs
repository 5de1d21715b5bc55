//! The content of an object: pieces of segments, one after the other.
//!
//! Copying it, cutting it and joining it moves no byte.

use std::{io, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{segment::Segment, store::BlobStore};

/// Bytes that were written once.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Data {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Piece {
    file: String,
    offset: u64,
    length: u64,
    /// The open file; a piece that was just loaded has none yet.
    #[serde(skip)]
    segment: Option<Arc<Segment>>,
}

impl Data {
    pub(super) fn of(segment: Arc<Segment>, offset: u64, length: u64) -> Self {
        let file = segment.name().to_owned();
        Self { pieces: vec![Piece { file, offset, length, segment: Some(segment) }] }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.length).sum()
    }

    /// Those from `start` to before `end`, as far as there are any.
    pub(crate) fn slice(&self, start: u64, end: u64) -> Self {
        let mut pieces = Vec::new();
        let mut begins = 0;
        for piece in &self.pieces {
            let ends = begins + piece.length;
            let (from, to) = (start.max(begins), end.min(ends));
            if from < to {
                pieces.push(Piece { offset: piece.offset + (from - begins), length: to - from, ..piece.clone() });
            }
            begins = ends;
        }
        Self { pieces }
    }

    /// All of `parts`, one after the other.
    pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self { pieces: parts.into_iter().flat_map(|data| data.pieces.iter().cloned()).collect() }
    }

    /// All of it in memory: for what is known to be small.
    pub(crate) fn read(&self) -> io::Result<Bytes> {
        let length = usize::try_from(self.length()).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        let mut rest = bytes.as_mut_slice();
        for piece in &self.pieces {
            let here = usize::try_from(piece.length).map_err(io::Error::other)?;
            let (into, after) = rest.split_at_mut(here);
            let segment = piece.segment.as_ref().ok_or(io::ErrorKind::NotFound)?;
            segment.read(into, piece.offset)?;
            rest = after;
        }
        Ok(bytes.into())
    }

    /// Finds the files again after the state was loaded.
    pub(in crate::s3) fn attach(&mut self, store: &BlobStore) -> io::Result<()> {
        for piece in &mut self.pieces {
            let segment = store.segment(&piece.file)?;
            if piece.offset.saturating_add(piece.length) > segment.length() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            piece.segment = Some(segment);
        }
        Ok(())
    }

    /// The files that it is in.
    pub(in crate::s3) fn files(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|piece| piece.file.as_str())
    }
}
