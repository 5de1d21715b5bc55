//! An upload that goes on: what has come in so far, and its digest.
//!
//! It does not outlive the simulator: after a restart a client begins anew.

use std::{
    fs::File,
    io::{self, Write as _},
    path::PathBuf,
};

use sha2::{Digest as _, Sha256};

use crate::api::digest_text;

/// What has come in so far.
#[derive(Debug)]
pub(crate) struct Upload {
    /// Whose it is: registry and repository.
    pub(super) owner: String,
    pub(super) path: PathBuf,
    file: File,
    hasher: Sha256,
    size: u64,
    /// How large the first chunk was.
    first_chunk: Option<u64>,
    /// Whether somebody is sending just now.
    is_busy: bool,
    /// How large the last part was, and whether one before it was too small.
    last_part: Option<u64>,
    has_short_part: bool,
}

/// Why an upload does not become a layer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    /// The digest is another one.
    #[error("the content has digest {found}")]
    Digest { found: String },
    /// There is no such upload.
    #[error("there is no such upload")]
    Gone,
    /// The disk does not take it.
    #[error("the upload cannot be kept")]
    Io(#[from] io::Error),
}

impl Upload {
    pub(super) fn create(owner: &str, path: PathBuf) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok(Self {
            owner: owner.to_owned(),
            path,
            file,
            hasher: Sha256::new(),
            size: 0,
            first_chunk: None,
            is_busy: false,
            last_part: None,
            has_short_part: false,
        })
    }

    /// How many bytes have come in.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// How large the first chunk was.
    pub(crate) fn first_chunk(&self) -> u64 {
        self.first_chunk.unwrap_or_default()
    }

    /// Notes that a chunk has come to its end.
    pub(crate) fn end_chunk(&mut self) {
        self.first_chunk.get_or_insert(self.size);
    }

    /// Takes more bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Takes a part, of which each but the last has to have `smallest` bytes.
    pub(crate) fn append_part(&mut self, part: &[u8], smallest: u64) -> io::Result<()> {
        self.has_short_part |= self.last_part.is_some_and(|size| size < smallest);
        self.last_part = Some(part.len() as u64);
        self.append(part)
    }

    /// Whether a part but the last was too small.
    pub(crate) fn has_short_part(&self) -> bool {
        self.has_short_part
    }

    /// Takes the turn to send; false if somebody else has it.
    pub(crate) fn begin_turn(&mut self) -> bool {
        !std::mem::replace(&mut self.is_busy, true)
    }

    /// Gives the turn back.
    pub(crate) fn end_turn(&mut self) {
        self.is_busy = false;
    }

    /// The digest of what has come in.
    pub(super) fn digest(&self) -> String {
        digest_text(&self.hasher.clone().finalize())
    }
}
