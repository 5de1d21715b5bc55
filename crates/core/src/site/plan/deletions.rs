//! What may be deleted once a release is proven: only what Towpath wrote, nobody needs, and not too much at once.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    identifier::{InvalidIdentifier, Sha256},
    site::{Manifest, SiteObject, SitePath, pack},
};

use super::{Before, publish::PublishSettings};

/// Of so few objects any share may go.
const SMALL: usize = 20;

/// The largest share of a site that may go at once, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ShareLimit(u8);

impl ShareLimit {
    /// Everything may go.
    pub const ALL: Self = Self(100);

    /// Whether so many of so many may go.
    pub fn allows(self, going: usize, all: usize) -> bool {
        let (going, all) = (going as u128, all as u128);
        going <= SMALL as u128 || going * 100 <= all * u128::from(self.0)
    }
}

impl Default for ShareLimit {
    fn default() -> Self {
        Self(50)
    }
}

impl std::fmt::Display for ShareLimit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} %", self.0)
    }
}

impl std::str::FromStr for ShareLimit {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().ok().filter(|percent| *percent <= 100).map(Self).ok_or_else(|| InvalidIdentifier {
            what: "a share in percent",
            value: text.to_owned(),
            rule: "use 0 to 100",
        })
    }
}

/// What may be deleted, last of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Deletions {
    /// These, and nothing else.
    Allowed {
        /// In the order of their keys.
        #[serde(skip)]
        objects: Vec<SiteObject>,
        /// How many they are.
        count: usize,
    },
    /// They would be too many: none is deleted until somebody says so.
    Withheld {
        /// How many would go.
        going: usize,
        /// Of how many.
        all: usize,
        /// The limit that they exceed.
        limit: ShareLimit,
    },
}

impl Deletions {
    /// What is to be deleted.
    pub fn objects(&self) -> &[SiteObject] {
        match self {
            Self::Allowed { objects, .. } => objects,
            Self::Withheld { .. } => &[],
        }
    }
}

pub(super) fn of(
    next: &Manifest,
    kept: &[&Manifest],
    leaving: &[&Manifest],
    before: &Before<'_>,
    settings: &PublishSettings,
) -> Deletions {
    let needed = |path: &SitePath| next.file(path).is_some() || kept.iter().any(|one| one.file(path).is_some());
    let is_free = |path: &&SitePath| settings.runtime.as_ref() != Some(path) && !needed(path);
    let going: BTreeSet<&SitePath> = leaving.iter().flat_map(|one| one.files().keys()).filter(is_free).collect();
    let staying: BTreeSet<&SitePath> =
        kept.iter().flat_map(|one| one.files().keys()).chain(next.files().keys()).collect();
    let all = going.len() + staying.len();
    if !settings.largest_share.allows(going.len(), all) {
        return Deletions::Withheld { going: going.len(), all, limit: settings.largest_share };
    }
    let wanted = aside_of(kept.iter().copied().chain([next]));
    let copies = before.aside.iter().filter(|sha256| !wanted.contains(sha256)).cloned().map(SiteObject::Kept);
    let objects: Vec<SiteObject> = going.into_iter().cloned().map(SiteObject::File).chain(copies).collect();
    Deletions::Allowed { count: objects.len(), objects }
}

/// What the way back to these would need of the copies that are kept aside.
fn aside_of<'a>(manifests: impl Iterator<Item = &'a Manifest>) -> BTreeSet<&'a Sha256> {
    manifests.flat_map(pack::unpacked).map(|(_, file)| &file.sha256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_all_that_is_there_and_a_handful_may_always_go() {
        let check = |percent: &str, going, all, expected| {
            assert_eq!(percent.parse::<ShareLimit>().unwrap().allows(going, all), expected, "{going} of {all}");
        };
        check("50", 20, 20, true);
        check("50", 21, 42, true);
        check("50", 21, 41, false);
        check("0", 21, 1_000_000, false);
        check("100", 5000, 5000, true);
        assert!("101".parse::<ShareLimit>().is_err() && "-1".parse::<ShareLimit>().is_err());
    }
}
