//! The rules of `deploy-on`: which trigger may bring a release into an environment.
//!
//! A rule is data; what it means for one question is decided in `select` and in the gates.

use crate::identifier::BranchName;

use super::{PathGlob, TagPattern, Trigger};

/// One entry of `deploy-on`: a trigger that may bring a release into the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerRule {
    /// A push to this branch.
    Push {
        /// The branch.
        branch: BranchName,
        /// Globs of which at least one changed path must match; empty means any change.
        paths: Vec<PathGlob>,
    },
    /// A pushed tag of this form.
    Tag {
        /// The tag's form.
        pattern: TagPattern,
        /// The branch that the tagged commit must be on. The reader of the configuration puts the release branch
        /// where the file says nothing.
        from: Option<BranchName>,
        /// The form whose tag of the same version must be on the same commit.
        same_commit_as: Option<TagPattern>,
    },
    /// A release published on the forge, its tag of this form.
    Published {
        /// The tag's form.
        pattern: TagPattern,
        /// The branch that the tagged commit must be on, as for a tag.
        from: Option<BranchName>,
        /// The form whose tag of the same version must be on the same commit, as for a tag.
        same_commit_as: Option<TagPattern>,
    },
    /// A workflow started by hand.
    Dispatch,
    /// A person at the command line.
    CommandLine,
}

impl TriggerRule {
    /// The branch that the release's commit must be on by this rule.
    pub fn from(&self) -> Option<&BranchName> {
        match self {
            Self::Tag { from, .. } | Self::Published { from, .. } => from.as_ref(),
            Self::Push { .. } | Self::Dispatch | Self::CommandLine => None,
        }
    }

    /// The form whose tag of the same version must be on the same commit.
    pub fn same_commit_as(&self) -> Option<&TagPattern> {
        match self {
            Self::Tag { same_commit_as, .. } | Self::Published { same_commit_as, .. } => same_commit_as.as_ref(),
            Self::Push { .. } | Self::Dispatch | Self::CommandLine => None,
        }
    }

    /// The tag that must be on the same commit as the trigger's, where this rule asks for one and is about that tag.
    pub fn tag_before(&self, trigger: &Trigger) -> Option<String> {
        let (Self::Tag { pattern, .. } | Self::Published { pattern, .. }) = self else {
            return None;
        };
        let (Trigger::Tag { tag, .. } | Trigger::Published { tag, .. }) = trigger else {
            return None;
        };
        Some(self.same_commit_as()?.tag(&pattern.version(tag)?))
    }

    /// The globs of which one must match a changed path by this rule.
    pub fn paths(&self) -> &[PathGlob] {
        match self {
            Self::Push { paths, .. } => paths,
            Self::Tag { .. } | Self::Published { .. } | Self::Dispatch | Self::CommandLine => &[],
        }
    }
}

impl std::fmt::Display for TriggerRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Push { branch, .. } => write!(formatter, "a push to `{branch}`"),
            Self::Tag { pattern, .. } => write!(formatter, "a tag `{pattern}`"),
            Self::Published { pattern, .. } => write!(formatter, "a published release `{pattern}`"),
            Self::Dispatch => formatter.write_str("a workflow started by hand"),
            Self::CommandLine => formatter.write_str("a person at the command line"),
        }
    }
}
