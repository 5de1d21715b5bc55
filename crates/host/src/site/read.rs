//! Reading a file that was surveyed: whole or in pieces, and never other bytes than those that are asked for.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use sha2::{Digest as _, Sha256 as Hasher};
use towpath_core::{
    identifier::Sha256,
    ports::FileError,
    site::{Content, SitePath},
};

/// How large the pieces of a large file are: small enough that memory which was given back is used for the next ones.
const PIECE: u64 = 96 * 1024;

/// All bytes of a small file, if they are these.
pub(super) fn whole(place: &Path, path: &SitePath, content: &Content) -> Result<Bytes, FileError> {
    let mut reading = Reading::begin(place, path, content)?;
    reading.piece(content.size).map(Option::unwrap_or_default)
}

/// A file that is being read.
pub(super) struct Reading {
    file: File,
    path: SitePath,
    content: Content,
    hasher: Hasher,
    left: u64,
    is_done: bool,
}

impl Reading {
    /// Opens the file.
    pub(super) fn begin(place: &Path, path: &SitePath, content: &Content) -> Result<Self, FileError> {
        let file = File::open(place).map_err(|error| told(path, &error))?;
        let (path, content, left) = (path.clone(), content.clone(), content.size);
        Ok(Self { file, path, content, hasher: Hasher::new(), left, is_done: false })
    }

    /// The next bytes. The last ones only come once all were found to be the right ones.
    fn piece(&mut self, most: u64) -> Result<Option<Bytes>, FileError> {
        if self.is_done {
            return Ok(None);
        }
        let wanted = self.left.min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default() + 1);
        let read = (&mut self.file).take(wanted).read_to_end(&mut bytes);
        read.map_err(|error| told(&self.path, &error))?;
        self.hasher.update(&bytes);
        self.left -= bytes.len() as u64;
        if bytes.len() as u64 != wanted || (self.left == 0 && !self.is_right()?) {
            return Err(FileError::Changed(self.path.clone()));
        }
        self.is_done = self.left == 0;
        Ok(Some(bytes.into()))
    }

    /// Whether the file ends here, and its bytes were those that were asked for.
    fn is_right(&mut self) -> Result<bool, FileError> {
        let more = self.file.read(&mut [0]).map_err(|error| told(&self.path, &error))?;
        let hash = std::mem::take(&mut self.hasher).finalize().into();
        Ok(more == 0 && Sha256::of_hashed(&hash) == self.content.sha256)
    }

    /// The rest as a stream. Each piece is read where blocking is allowed, when it is asked for.
    pub(super) fn pieces(self) -> BoxStream<'static, Result<Bytes, FileError>> {
        stream::unfold(Some(self), |reading| async {
            let mut reading = reading?;
            let path = reading.path.clone();
            let step = tokio::task::spawn_blocking(move || {
                let piece = reading.piece(PIECE);
                (piece, reading)
            });
            match step.await {
                Ok((Ok(piece), reading)) => piece.map(|piece| (Ok(piece), Some(reading))),
                Ok((Err(error), _)) => Some((Err(error), None)),
                Err(error) => Some((Err(FileError::Unreadable { path, reason: error.to_string() }), None)),
            }
        })
        .boxed()
    }
}

fn told(path: &SitePath, error: &io::Error) -> FileError {
    match error.kind() {
        io::ErrorKind::NotFound => FileError::Gone(path.clone()),
        _ => FileError::Unreadable { path: path.clone(), reason: error.to_string() },
    }
}
