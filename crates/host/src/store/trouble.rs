//! What a person should know and do when the folder of a store refuses.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// A file operation that failed, with where.
#[derive(Debug)]
pub(super) struct Trouble {
    path: PathBuf,
    reason: String,
    remedy: &'static str,
}

impl Trouble {
    /// What the system said about that path.
    pub(super) fn at(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), reason: error.to_string(), remedy: remedy(error.kind()) }
    }

    /// Somebody else has held the lock for too long.
    pub(super) fn locked(path: &Path) -> Self {
        let reason = "another process has held the lock for too long".to_owned();
        Self { path: path.to_owned(), reason, remedy: "see whether another towpath hangs, then try again" }
    }

    /// The program is ending.
    pub(super) fn cut(path: &Path) -> Self {
        let reason = "the program is ending".to_owned();
        Self { path: path.to_owned(), reason, remedy: "run it again" }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}; {}", self.path.display(), self.reason, self.remedy)
    }
}

fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied => "let this user read and write there, or set `ledger` to another place",
        ErrorKind::ReadOnlyFilesystem => "mount it writable, or set `ledger` to another place",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space on that disk",
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => "move away what is in the way there",
        ErrorKind::Unsupported => "use a local disk whose file system has locks and links",
        _ => "see whether that disk is mounted and whole",
    }
}
