//! What a promotion is asked to do, and by whom.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{AppName, CommitId, ComponentName, Digest, EnvironmentName, PromotionId, TaskDefinitionArn, Version},
    policy::Trigger,
    site::SiteDigest,
};

/// What a promotion is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Request {
    /// Its id.
    pub id: PromotionId,
    /// The application.
    pub app: AppName,
    /// The environment to change.
    pub environment: EnvironmentName,
    /// What is to be brought.
    pub intent: Intent,
    /// What asks.
    pub trigger: Trigger,
    /// Who asks.
    pub actor: Actor,
    /// When it was asked, by the asker's clock.
    pub requested_at: Timestamp,
    /// The version of Towpath that began it.
    pub tool_version: String,
}

/// What is to be brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Intent {
    /// A release.
    Promote {
        /// Its version.
        version: Version,
        /// Its commit.
        commit: CommitId,
    },
    /// What was proven here before: the recorded revisions, nothing rendered anew.
    Restore {
        /// The version that served then, where it is known.
        version: Option<Version>,
        /// The promotion whose proof is gone back to.
        proven_by: PromotionId,
        /// The revision per component.
        revisions: BTreeMap<ComponentName, TaskDefinitionArn>,
        /// The digest that each ran then, where it is known.
        digests: BTreeMap<ComponentName, Digest>,
        /// The manifest per site.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        sites: BTreeMap<ComponentName, SiteDigest>,
    },
    /// A deliberately bad copy of what serves, to see that it is found and put back.
    Drill {
        /// The version that serves, where it is known.
        version: Option<Version>,
    },
}

impl Intent {
    /// The version that is to serve, where it is known.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Promote { version, .. } => Some(version),
            Self::Restore { version, .. } | Self::Drill { version } => version.as_ref(),
        }
    }

    /// Whether it names sites.
    pub(super) fn is_about_sites(&self) -> bool {
        match self {
            Self::Restore { sites, .. } => !sites.is_empty(),
            Self::Promote { .. } | Self::Drill { .. } => false,
        }
    }

    /// Whether what is brought is bad on purpose.
    pub fn is_drill(&self) -> bool {
        matches!(self, Self::Drill { .. })
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Actor {
    /// A name: the forge's user, or the user of the machine.
    pub name: String,
    /// The workflow run, where there is one.
    pub run: Option<Run>,
}

/// A workflow run on a forge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Run {
    /// Its id.
    pub id: u64,
    /// Which attempt.
    pub attempt: u32,
    /// `owner/name` of the repository.
    pub repository: String,
    /// The workflow's name.
    pub workflow: String,
    /// The full reference, for example `refs/heads/main`.
    pub reference: String,
    /// The commit.
    pub sha: String,
}
