//! The rules of `deploy-on`, and the grammar of tags.

use std::str::FromStr;

use crate::identifier::{BranchName, InvalidIdentifier, Version};

/// One entry of `deploy-on`: a trigger that may bring a release into the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerRule {
    /// A push to this branch.
    Push {
        /// The branch.
        branch: BranchName,
        /// Globs of which at least one changed path must match; empty means any change.
        paths: Vec<String>,
    },
    /// A pushed tag of this form.
    Tag {
        /// The tag's form.
        pattern: TagPattern,
        /// The branch that the tagged commit must be on.
        from: Option<BranchName>,
    },
    /// A release published on the forge, its tag of this form.
    Published {
        /// The tag's form.
        pattern: TagPattern,
        /// The branch that the tagged commit must be on.
        from: Option<BranchName>,
    },
    /// A workflow started by hand.
    Dispatch,
    /// A person at the command line.
    CommandLine,
}

/// The form of a tag: a text with `{version}` in it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagPattern {
    before: String,
    after: String,
}

impl TagPattern {
    /// The version that `tag` carries, if it is of this form.
    pub fn version(&self, tag: &str) -> Option<Version> {
        tag.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?.parse().ok()
    }
}

impl FromStr for TagPattern {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidIdentifier {
            what: "a tag pattern",
            value: text.to_owned(),
            rule: "use `{version}` exactly once, for example `v{version}-stable`",
        };
        let (before, after) = text.split_once("{version}").ok_or_else(invalid)?;
        let plain = |part: &str| !part.contains(['{', '}', ' ', '~', '^', ':', '?', '*', '[', '\\']);
        if plain(before) && plain(after) {
            return Ok(Self { before: before.to_owned(), after: after.to_owned() });
        }
        Err(invalid())
    }
}

impl std::fmt::Display for TagPattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}{{version}}{}", self.before, self.after)
    }
}
