//! Writing a body whose length nobody knows yet: into a pack if it stays small, into a file of its own if not.
//!
//! Large bodies are hashed and written on threads that may wait; small ones cost less than going there.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::{data::Data, segment::Segment, store::BlobStore};
use crate::s3::checksums::Digests;

/// What is collected before it is written; a body that stays below it is small.
const SMALL: usize = 256 * 1024;

/// A body on its way to the disk.
#[derive(Debug)]
pub(in crate::s3) struct Writer {
    store: Arc<BlobStore>,
    held: Vec<u8>,
    /// The file of a large body.
    segment: Option<Arc<Segment>>,
    digests: Digests,
}

impl Writer {
    pub(in crate::s3) fn new(store: Arc<BlobStore>, digests: Digests) -> Self {
        Self { store, held: Vec::new(), segment: None, digests }
    }

    /// Takes the next bytes.
    pub(in crate::s3) async fn push(mut self, bytes: &Bytes) -> io::Result<Self> {
        self.held.extend_from_slice(bytes);
        if self.held.len() < SMALL {
            return Ok(self);
        }
        tokio::task::spawn_blocking(move || self.spill()).await.map_err(io::Error::other)?
    }

    fn spill(mut self) -> io::Result<Self> {
        let segment = match &self.segment {
            Some(segment) => Arc::clone(segment),
            None => self.store.create()?,
        };
        self.digests.update(&self.held);
        segment.append(&self.held)?;
        self.held.clear();
        self.segment = Some(segment);
        Ok(self)
    }

    /// The body, and what was computed over it.
    pub(in crate::s3) async fn finish(mut self) -> io::Result<(Data, Digests)> {
        if self.segment.is_none() {
            self.digests.update(&self.held);
            return Ok((self.store.pack(&self.held)?, self.digests));
        }
        let written = tokio::task::spawn_blocking(move || self.spill()).await.map_err(io::Error::other)??;
        let Self { segment, digests, .. } = written;
        let data = segment.map(|segment| {
            let length = segment.length();
            Data::of(segment, 0, length)
        });
        Ok((data.unwrap_or_default(), digests))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn written(length: usize) -> (Bytes, Bytes) {
        let store = Arc::new(BlobStore::temporary().unwrap());
        let bytes: Bytes = (0..=250_u8).cycle().take(length).collect();
        let mut writer = Writer::new(Arc::clone(&store), Digests::new([]));
        for start in (0..length).step_by(100_000) {
            writer = writer.push(&bytes.slice(start..length.min(start + 100_000))).await.unwrap();
        }
        let (data, _digests) = writer.finish().await.unwrap();
        assert_eq!(data.length(), length as u64);
        (bytes, data.read().unwrap())
    }

    #[tokio::test]
    async fn what_was_written_is_read_whatever_its_length() {
        for length in [0, 1, SMALL - 1, SMALL, SMALL + 1, 1_000_000] {
            let (bytes, read) = written(length).await;
            assert!(bytes == read, "{length}");
        }
    }

    #[tokio::test]
    async fn a_slice_of_joined_bodies_is_what_stands_there() {
        let store = Arc::new(BlobStore::temporary().unwrap());
        let parts: Vec<Data> = ["abc", "", "defg"].iter().map(|text| store.pack(text.as_bytes()).unwrap()).collect();
        let joined = Data::joined(&parts);
        assert_eq!(joined.read().unwrap(), "abcdefg");
        for (start, end, expected) in [(0, 7, "abcdefg"), (2, 4, "cd"), (3, 3, ""), (6, 99, "g"), (9, 12, "")] {
            assert_eq!(joined.slice(start, end).read().unwrap(), expected, "{start}..{end}");
        }
    }

    #[tokio::test]
    async fn a_large_body_that_nobody_refers_to_leaves_no_file() {
        let store = Arc::new(BlobStore::temporary().unwrap());
        let files = || std::fs::read_dir(store.folder()).unwrap().count();
        let writer = Writer::new(Arc::clone(&store), Digests::new([]));
        let (data, _) = writer.push(&vec![0; SMALL].into()).await.unwrap().finish().await.unwrap();
        assert_eq!(files(), 1);
        drop(data);
        assert_eq!(files(), 0);
    }
}
