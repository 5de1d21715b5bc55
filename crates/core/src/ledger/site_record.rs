//! What a record keeps of a site.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::BucketName,
    promotion::{Failure, LiveSite, SiteChange, SiteTarget, Switch},
    site::{SiteDigest, SitePrefix},
    smoke::CheckResult,
};

/// What happened to one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SiteRecord {
    /// The bucket that it is in.
    pub bucket: BucketName,
    /// Its part of the bucket.
    pub prefix: SitePrefix,
    /// The manifest that was asked for.
    pub manifest: SiteDigest,
    /// What had to change.
    pub change: SiteChange,
    /// What was live before.
    pub before: Option<LiveSite>,
    /// How many bytes were sent before the switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<u64>,
    /// The switch to the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
    /// What the checks brought, of the edges and the configured ones.
    pub smoke: Vec<CheckResult>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The way back, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback: Option<SiteRollbackRecord>,
    /// What is live now, where it is proven.
    pub serves: Option<LiveSite>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A site's way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SiteRollbackRecord {
    /// What was gone back to.
    pub target: Option<SiteTarget>,
    /// The switch back.
    pub switch: Option<Switch>,
    /// What the checks brought then.
    pub smoke: Vec<CheckResult>,
    /// Why it is stuck, where it is.
    pub stuck: Option<String>,
}
