//! The release and its artifacts, as values.
//!
//! How one is made is in `draft`, how it is stored in `format`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    identifier::{AppName, CommitId, ComponentName, ImageReference, Version},
    site::SiteDigest,
};

use super::Attestation;

/// The format of a [`Release`] that uses nothing newer.
pub const RELEASE_SCHEMA: u32 = 1;

/// The format of one that names attestations. Readers of the older format refuse it, because they would lose these.
pub(super) const WITH_ATTESTATIONS: u32 = 2;

/// The format of one that has a site.
pub(super) const WITH_SITES: u32 = 3;

/// What is deployed of one component, named by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Artifact {
    /// A container image.
    Image(ImageReference),
    /// The files of a site, by the hash of their manifest.
    Site(SiteDigest),
}

/// An immutable set of artifacts. Created once; never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Release {
    /// The format's version: the oldest that has everything that is used.
    pub schema: u32,
    /// The application it is a release of.
    pub app: AppName,
    /// Its version.
    pub version: Version,
    /// The commit that it was built from.
    pub commit: CommitId,
    /// One artifact per component.
    pub artifacts: BTreeMap<ComponentName, Artifact>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who or what created it.
    pub created_by: String,
    /// What the builder states about its images, by component.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attestations: BTreeMap<ComponentName, Vec<Attestation>>,
}

impl Release {
    /// The same release, with what the builder states about its images.
    #[must_use]
    pub fn with_attestations(mut self, mut attestations: BTreeMap<ComponentName, Vec<Attestation>>) -> Self {
        attestations.retain(|_, of_component| !of_component.is_empty());
        self.attestations = attestations;
        self.schema = self.oldest_schema();
        self
    }

    /// The oldest format that has everything that is used.
    pub(super) fn oldest_schema(&self) -> u32 {
        if self.artifacts.values().any(|artifact| matches!(artifact, Artifact::Site(_))) {
            return WITH_SITES;
        }
        if self.attestations.is_empty() { RELEASE_SCHEMA } else { WITH_ATTESTATIONS }
    }

    /// Whether both name the same version, commit and artifacts, whoever created them and when.
    pub fn is_same_content(&self, other: &Self) -> bool {
        self.app == other.app
            && self.version == other.version
            && self.commit == other.commit
            && self.artifacts == other.artifacts
    }

    /// The image of a component, if it has one here.
    pub fn image(&self, component: &ComponentName) -> Option<&ImageReference> {
        match self.artifacts.get(component)? {
            Artifact::Image(image) => Some(image),
            Artifact::Site(_) => None,
        }
    }

    /// The site of a component, if it has one here.
    pub fn site(&self, component: &ComponentName) -> Option<&SiteDigest> {
        match self.artifacts.get(component)? {
            Artifact::Site(site) => Some(site),
            Artifact::Image(_) => None,
        }
    }
}
