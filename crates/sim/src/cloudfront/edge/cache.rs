//! The caches of all locations, and when what is in them is still good.
//!
//! An entry is never removed by time alone: what is stale is asked for again.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    freshness,
    origin::{Outcome, fetch},
};
use crate::{
    cloudfront::{distribution::Distribution, spec::LocationSpec},
    s3::S3,
};

/// The caches.
#[derive(Debug, Default)]
pub(crate) struct Edges {
    entries: BTreeMap<CacheKey, Entry>,
}

/// What tells two things in caches apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CacheKey {
    pub(super) distribution: String,
    pub(super) location: String,
    /// As the viewer wrote it, with the query where that counts.
    pub(super) path: String,
    /// What the viewer understands of `br` and `gzip`.
    pub(super) encodings: &'static str,
}

#[derive(Debug, Clone)]
struct Entry {
    outcome: Outcome,
    /// When the origin was last asked.
    asked: Timestamp,
    seconds: u32,
}

/// How a cache came to what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It had it for so many seconds.
    Hit(i64),
    Miss,
    /// It had it, and the origin said that it is still good.
    RefreshHit,
}

impl Edges {
    /// What a location has, or gets from the origin.
    pub(super) fn get(
        &mut self,
        storage: &S3,
        (distribution, location): (&Distribution, &LocationSpec),
        key: &CacheKey,
        now: Timestamp,
    ) -> (Outcome, Found) {
        let removes = |entry: &Entry| {
            distribution.invalidations.iter().any(|known| known.removes(&key.path, entry.asked, location.lag, now))
        };
        let known = self.entries.get(key).filter(|entry| !removes(entry));
        if let Some(entry) = known.filter(|entry| entry.is_fresh(now)) {
            return (entry.outcome.clone(), Found::Hit(now.duration_since(entry.asked).as_secs()));
        }
        let path = key.path.split('?').next().unwrap_or_default();
        let outcome = fetch(storage, &distribution.spec, path);
        let is_same = known.is_some_and(|entry| entry.outcome.is_same(&outcome));
        let seconds = distribution.seconds(&outcome, now);
        self.entries.insert(key.clone(), Entry { outcome: outcome.clone(), asked: now, seconds });
        (outcome, if is_same { Found::RefreshHit } else { Found::Miss })
    }
}

impl Entry {
    fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.asked).as_secs() < i64::from(self.seconds)
    }
}

impl Distribution {
    /// For how long an outcome is kept.
    fn seconds(&self, outcome: &Outcome, now: Timestamp) -> u32 {
        match outcome {
            Outcome::Found(version) => {
                version.object().map_or(0, |object| freshness::seconds(&object.metadata, &self.spec, now))
            }
            Outcome::Error(status) => {
                let page = self.spec.error_pages.iter().find(|page| page.status == *status);
                page.map_or(self.spec.error_ttl, |page| page.ttl)
            }
        }
    }
}
