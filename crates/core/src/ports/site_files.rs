//! The `SiteFiles` port: the files that a site's build left in a directory of this machine.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream::BoxStream};

use crate::site::{Content, SitePath, Survey, SurveyError, SurveyRules};

/// Files of this size and smaller are read whole; larger ones in pieces.
pub const WHOLE_LIMIT: u64 = 256 * 1024;

/// A file's bytes.
#[expect(missing_debug_implementations, reason = "a stream has none")]
pub enum FileBytes {
    /// All of them. They are those that were asked for.
    Whole(Bytes),
    /// One piece after another, each of at most 1 MiB. Where they are not those that were asked for, the last item is
    /// an error, before as many bytes have come as were asked for; so nothing that knows the length can take them for
    /// whole.
    Pieces(BoxStream<'static, Result<Bytes, FileError>>),
}

/// Why a file's bytes cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It has other bytes than when it was surveyed.
    #[error("`{0}` changed while it was read")]
    Changed(SitePath),
    /// It is not there any more.
    #[error("`{0}` is gone")]
    Gone(SitePath),
    /// The machine does not give it.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: SitePath,
        /// Why, in the system's words.
        reason: String,
    },
}

/// All pieces together.
async fn joined(mut pieces: BoxStream<'static, Result<Bytes, FileError>>) -> Result<Bytes, FileError> {
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all.into())
}

/// A directory with the files of a site.
#[async_trait]
pub trait SiteFiles: Send + Sync {
    /// Looks through the whole directory and hashes every file that the rules do not leave out.
    ///
    /// Guarantees: nothing outside of the directory was read; every file was whole when it was hashed; memory does not
    /// depend on how large the files are.
    ///
    /// Errors: every problem at once. What is left out by the rules is never a problem.
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError>;

    /// A file's bytes, if they are these. May be asked for again, and at once for as many files as the caller likes.
    ///
    /// Guarantees: files of at most [`WHOLE_LIMIT`] bytes come whole. A caller that gets all pieces without an error
    /// has exactly these bytes. At most two pieces are in memory besides those that the caller holds.
    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError>;

    /// The bytes of many small files, in their order: as [`SiteFiles::read`] of one after another, and cheaper where it
    /// can be.
    async fn read_all(&self, wanted: &[(SitePath, Content)]) -> Result<Vec<Bytes>, FileError> {
        let mut all = Vec::with_capacity(wanted.len());
        for (path, content) in wanted {
            all.push(match self.read(path, content).await? {
                FileBytes::Whole(bytes) => bytes,
                FileBytes::Pieces(pieces) => joined(pieces).await?,
            });
        }
        Ok(all)
    }

    /// The directory for people.
    fn place(&self) -> String;
}
