//! The Source port: what git knows of commits.

use async_trait::async_trait;

use crate::identifier::{BranchName, CommitId};

/// Why git could not tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is no repository here, or no git.
    #[error("no git repository at {0}")]
    NoRepository(String),
    /// The history here is cut off (a shallow clone), so that an answer would be a guess.
    #[error("the history here is cut off, so whether {commit} is on {branch} cannot be told")]
    Shallow {
        /// The commit.
        commit: CommitId,
        /// The branch.
        branch: BranchName,
    },
    /// What was named is not known here.
    #[error("{0} is not known to this repository")]
    Unknown(String),
    /// git failed.
    #[error("git {action} failed: {reason}")]
    Git {
        /// What was asked.
        action: String,
        /// git's words.
        reason: String,
    },
}

/// The repository that the application is in.
#[async_trait]
pub trait Source: Send + Sync {
    /// The commit that is checked out.
    async fn head(&self) -> Result<CommitId, SourceError>;

    /// The commit that a name (branch, tag, abbreviated commit) stands for.
    async fn resolve(&self, name: &str) -> Result<CommitId, SourceError>;

    /// Whether the commit is on the branch: the remote-tracking branch where there is one, the local one otherwise.
    ///
    /// Guarantees: changes neither history nor references.
    /// Errors: `Shallow` rather than a wrong no.
    async fn is_on_branch(&self, commit: &CommitId, branch: &BranchName) -> Result<bool, SourceError>;

    /// The paths that differ between a commit and its first parent.
    async fn changed_paths(&self, commit: &CommitId) -> Result<Vec<String>, SourceError>;
}
