//! The Documents port: files of the repository that the configuration names.

use async_trait::async_trait;

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct ReadError {
    /// The file.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Files beside `towpath.toml`.
#[async_trait]
pub trait Documents: Send + Sync {
    /// The text of a file, its path relative to the configuration file's folder.
    ///
    /// Errors: not there, not readable, not UTF-8, or outside the configuration file's folder.
    async fn read(&self, path: &str) -> Result<String, ReadError>;
}
