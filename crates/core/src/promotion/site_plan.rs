//! What the check found out for one site: all that the rest of the run needs, captured before the first change.
//!
//! The lists of files are not here: they are in the manifests, which are stored beside the ledger under their hashes.

use serde::{Deserialize, Serialize};

use crate::{
    identifier::{BucketName, ComponentName, DistributionId, InvalidationId, PromotionId, Version},
    ports::{ETag, MarkerState},
    site::{Home, SiteDigest, SitePrefix},
};

/// What is to be done with one site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SiteComponentPlan {
    /// The component.
    pub component: ComponentName,
    /// The bucket that it is in here.
    pub bucket: BucketName,
    /// Its part of the bucket.
    pub prefix: SitePrefix,
    /// The distribution that visitors ask, where there is one.
    pub distribution: Option<DistributionId>,
    /// The manifest that must be live.
    pub manifest: SiteDigest,
    /// What has to change.
    pub change: SiteChange,
    /// What was live before, by the bucket's marker.
    pub before: Option<LiveSite>,
    /// The state of the marker before, which nobody may have changed; nothing where there was none.
    pub marker: Option<String>,
    /// Manifests whose files may be in the bucket and stay there: open tabs and ways back need them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<SiteDigest>,
    /// What to go back to; captured now, its manifest seen to exist.
    pub target: Option<SiteTarget>,
    /// Components that must be rolled out first.
    pub needs: Vec<ComponentName>,
    /// What the user should know, though it forbids nothing.
    pub notes: Vec<String>,
}

/// What has to change for a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteChange {
    /// What must be live is live already; it is only proven.
    Nothing,
    /// The manifest's files are published, then the site is switched to them.
    Publish,
}

/// What is live of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct LiveSite {
    /// The manifest.
    pub manifest: SiteDigest,
    /// The release's version, where Towpath brought it.
    pub version: Option<Version>,
}

/// What a site goes back to when the release is bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SiteTarget {
    /// What must be live again.
    pub live: LiveSite,
    /// The promotion that proved it, or adopted it.
    pub proven_by: PromotionId,
}

/// A switch of a site from one manifest to another: its documents, its marker, and what the edges are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Switch {
    /// How many files were written.
    pub files: u32,
    /// How many bytes they have.
    pub bytes: u64,
    /// The invalidation that tells the edges; none where no edge has anything to forget.
    pub invalidation: Option<InvalidationId>,
}

impl SiteComponentPlan {
    /// Where it lives.
    pub fn home(&self) -> Home {
        Home { bucket: self.bucket.clone(), prefix: self.prefix.clone() }
    }

    /// What the marker must still be.
    pub fn expected(&self) -> MarkerState {
        self.marker.clone().map_or(MarkerState::Absent, |etag| MarkerState::Is(ETag(etag)))
    }

    /// Whether anything of the site has to change.
    pub fn is_change(&self) -> bool {
        match self.change {
            SiteChange::Nothing => false,
            SiteChange::Publish => true,
        }
    }
}
