//! What policy is told about the world: looked up beforehand, judged here.
//!
//! What is absent was not looked up, and counts as unknown; nothing unknown ever counts as good.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{BranchName, CommitId, ComponentName, EnvironmentName, PromotionId, Version},
    scan::Scan,
    signature::Evidence,
};

/// What was looked up for one question.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Facts {
    /// Whether the release's commit (without a release: the trigger's) is on each branch. A branch is exactly its
    /// name: `main-old` says nothing about `main`.
    pub ancestry: BTreeMap<BranchName, Ancestry>,
    /// Where each tag stands that a rule asks for beside the trigger's own.
    #[serde(default)]
    pub tags: BTreeMap<String, TagStanding>,
    /// The paths that the push changed, from the repository's root; `None` when that cannot be told, as for a new
    /// branch or a forced push.
    pub changed_paths: Option<Vec<String>>,
    /// What is known of this very release (same version, same artifacts) in each environment.
    pub proven: BTreeMap<EnvironmentName, Proof>,
    /// What is known of the scan of each component's image: one entry, or one for each image of an index.
    pub scans: BTreeMap<ComponentName, Vec<Scan>>,
    /// What is known of the signatures of each component's image.
    #[serde(default)]
    pub signatures: BTreeMap<ComponentName, Vec<Evidence>>,
}

/// Whether a commit is on a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ancestry {
    /// It is.
    On,
    /// It is not.
    NotOn,
    /// It could not be told.
    Unknown {
        /// Why, for example that the clone is shallow.
        reason: String,
    },
}

/// Where a tag stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TagStanding {
    /// On this commit.
    At {
        /// The commit.
        commit: CommitId,
    },
    /// It is not there, or could not be looked up.
    Unknown {
        /// Why, for example that this clone has no such tag.
        reason: String,
    },
}

/// Whether a release was proven in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Proof {
    /// It was proven, and serves there still.
    Proven {
        /// When its promotion succeeded.
        since: Timestamp,
        /// That promotion.
        promotion: PromotionId,
    },
    /// It was proven, and a later promotion replaced it.
    Superseded {
        /// When its promotion succeeded.
        since: Timestamp,
        /// When it was replaced.
        until: Timestamp,
        /// The promotion that proved it.
        promotion: PromotionId,
        /// The version that replaced it.
        by: Version,
    },
    /// It was proven, and then taken back: somebody rolled it back.
    Withdrawn {
        /// When.
        at: Timestamp,
        /// The promotion that took it back.
        promotion: PromotionId,
    },
    /// It was never proven there.
    NotProven,
    /// It could not be told.
    Unknown {
        /// Why.
        reason: String,
    },
}

impl Facts {
    /// Whether the commit is on that branch, as far as it was looked up.
    pub fn ancestry_of(&self, branch: &BranchName) -> Ancestry {
        let not_asked = || Ancestry::Unknown { reason: "it was not looked up".to_owned() };
        self.ancestry.get(branch).cloned().unwrap_or_else(not_asked)
    }

    /// Where that tag stands, as far as it was looked up.
    pub fn standing_of(&self, tag: &str) -> TagStanding {
        let not_asked = || TagStanding::Unknown { reason: "it was not looked up".to_owned() };
        self.tags.get(tag).cloned().unwrap_or_else(not_asked)
    }

    /// What is known of the release in that environment.
    pub fn proof_in(&self, environment: &EnvironmentName) -> Proof {
        let not_asked = || Proof::Unknown { reason: "its ledger was not read".to_owned() };
        self.proven.get(environment).cloned().unwrap_or_else(not_asked)
    }
}
