//! A distribution: what it serves, where, and what was invalidated in it.
//!
//! It is deployed as soon as it is made.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    invalidation::Invalidation,
    spec::{DistributionSpec, LocationSpec},
};

/// A distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Distribution {
    pub(super) spec: DistributionSpec,
    pub(super) account: String,
    pub(super) reference: String,
    pub(super) comment: String,
    pub(super) is_enabled: bool,
    pub(super) modified: Timestamp,
    /// How often its configuration changed: its `ETag`.
    pub(super) revision: u32,
    pub(super) invalidations: Vec<Invalidation>,
}

impl Distribution {
    pub(super) fn new(spec: DistributionSpec, account: &str, now: Timestamp) -> Self {
        Self {
            reference: spec.id.clone(),
            spec,
            account: account.to_owned(),
            comment: String::new(),
            is_enabled: true,
            modified: now,
            revision: 1,
            invalidations: Vec::new(),
        }
    }

    /// Its own host, for example `de123shop.cloudfront.net`.
    pub(crate) fn domain(&self) -> String {
        format!("d{}.cloudfront.net", self.spec.id.to_lowercase())
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:cloudfront::{}:distribution/{}", self.account, self.spec.id)
    }

    pub(super) fn etag(&self) -> String {
        super::ids::id('E', u64::from(self.revision))
    }

    /// What a host means of it, if it means it.
    pub(super) fn serves<'a>(&'a self, host: &str) -> Option<Door<'a>> {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let is_own = host.eq_ignore_ascii_case(&self.domain())
            || self.spec.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(host));
        if is_own {
            return Some(Door::Front);
        }
        let before = host.strip_suffix(".cloudfront.localhost")?;
        if before.eq_ignore_ascii_case(&self.spec.id) {
            return Some(Door::Front);
        }
        let (location, id) = before.rsplit_once('.')?;
        let is_location = |known: &&LocationSpec| known.name.eq_ignore_ascii_case(location);
        let known = self.spec.locations.iter().find(is_location)?;
        id.eq_ignore_ascii_case(&self.spec.id).then_some(Door::Location(&known.name))
    }
}

/// What a host means of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door<'a> {
    /// Whichever location is near.
    Front,
    /// This location.
    Location(&'a str),
}
