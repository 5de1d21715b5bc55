//! What asks for a promotion.
//!
//! Which asking counts is said by the rules of `deploy-on`.

use serde::{Deserialize, Serialize};

use crate::identifier::{BranchName, CommitId};

/// What asks for a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Trigger {
    /// Commits were pushed to a branch.
    Push {
        /// The branch.
        branch: BranchName,
        /// The commit that the branch points at now.
        commit: CommitId,
    },
    /// A tag was pushed.
    Tag {
        /// The tag, without `refs/tags/`.
        tag: String,
        /// The commit that the tag points at.
        commit: CommitId,
    },
    /// A release was published on the forge.
    Published {
        /// The release's tag.
        tag: String,
        /// The commit that the tag points at.
        commit: CommitId,
    },
    /// A pull request was opened or changed. It never deploys.
    PullRequest {
        /// Its number.
        number: u64,
    },
    /// Somebody started the workflow by hand.
    Dispatch,
    /// A person at the command line.
    CommandLine,
}

impl Trigger {
    /// The kind's name, as in `towpath.toml` and on the command line.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Push { .. } => "push",
            Self::Tag { .. } => "tag",
            Self::Published { .. } => "published",
            Self::PullRequest { .. } => "pull-request",
            Self::Dispatch => "dispatch",
            Self::CommandLine => "command-line",
        }
    }

    /// The commit that the trigger names, if it names one.
    pub fn commit(&self) -> Option<&CommitId> {
        match self {
            Self::Push { commit, .. } | Self::Tag { commit, .. } | Self::Published { commit, .. } => Some(commit),
            Self::PullRequest { .. } | Self::Dispatch | Self::CommandLine => None,
        }
    }
}

impl std::fmt::Display for Trigger {
    /// In words; tags are escaped, because they come from outside.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Push { branch, .. } => write!(formatter, "a push to `{branch}`"),
            Self::Tag { tag, .. } => write!(formatter, "the tag `{}`", tag.escape_debug()),
            Self::Published { tag, .. } => {
                write!(formatter, "the published release `{}`", tag.escape_debug())
            }
            Self::PullRequest { number } => write!(formatter, "pull request #{number}"),
            Self::Dispatch => formatter.write_str("a workflow started by hand"),
            Self::CommandLine => formatter.write_str("a person at the command line"),
        }
    }
}
