//! What is in a site's bucket: by the word of the marker, and where that does not tell, by looking.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    identifier::{ComponentName, PromotionId, Sha256},
    ledger::history::Begun,
    ports::{MarkerState, StoredMarker},
    site::{
        Before, Extent, Found, Manifest, Marker, Past, Publication, RuntimeFile, SiteDigest, SitePlan, is_all_packed,
        keeps_large_files,
    },
};

use super::super::run::Run;
use super::{
    trouble::Trouble,
    work::{IsWritten, Wanted},
};

/// What is in the bucket.
pub(super) struct Read {
    pub(super) marker: Option<Marker>,
    pub(super) state: MarkerState,
    pub(super) past: Vec<Publication>,
    pub(super) aside: BTreeSet<Sha256>,
    pub(super) manifests: BTreeMap<SiteDigest, Arc<Manifest>>,
    /// Whether it is what is wanted, so that no other manifest was read.
    pub(super) is_settled: bool,
    found: Option<Found>,
}

impl Run<'_> {
    /// What is in the bucket: by the word of the marker, and where that does not tell, by looking.
    pub(super) async fn read_site(
        &self,
        name: &ComponentName,
        stored: Option<StoredMarker>,
        wanted: &Wanted<'_>,
        next: &Arc<Manifest>,
    ) -> Result<Read, Trouble> {
        let begun = &wanted.begun;
        let state = stored.as_ref().map_or(MarkerState::Absent, |stored| MarkerState::Is(stored.etag.clone()));
        let marker = match stored.map(|stored| Marker::from_json(&stored.bytes, &self.site_owner(name))) {
            None => None,
            Some(Ok(marker)) => Some(marker),
            Some(Err(error)) if error.can_be_replaced() => {
                self.trouble(format!("{name}: {error}; looking at what is in the bucket instead"));
                None
            }
            Some(Err(error)) => return Err(Trouble::Finding(error.to_string())),
        };
        let mut past: Vec<Publication> = marker.iter().flat_map(Marker::publications).cloned().collect();
        past.splice(0..0, marker.iter().flat_map(|marker| self.broken_off(begun, marker)).collect::<Vec<_>>());
        if marker.as_ref().is_some_and(|marker| is_settled(marker, wanted)) {
            let manifests = BTreeMap::from([(next.digest().clone(), Arc::clone(next))]);
            let aside = marker.as_ref().map(|marker| marker.aside.clone()).unwrap_or_default();
            return Ok(Read { marker, state, past, aside, manifests, is_settled: true, found: None });
        }
        let leaving = marker.iter().flat_map(|marker| &marker.leaving);
        let mut manifests = BTreeMap::new();
        for digest in past.iter().map(|one| &one.manifest).chain(leaving) {
            if manifests.contains_key(digest) {
                continue;
            }
            let known = (digest == next.digest()).then(|| Arc::clone(next));
            let manifest = match known {
                Some(manifest) => Some(manifest),
                None => self.manifest(digest).await?,
            };
            manifests.extend(manifest.map(|manifest| (digest.clone(), manifest)));
        }
        let is_untold = wanted.is_back && !past.iter().any(|one| one.manifest == *wanted.manifest);
        let is_known =
            !is_untold && marker.as_ref().is_some_and(|marker| manifests.contains_key(&marker.live.manifest));
        let found = if is_known { None } else { Some(self.look_into(name, next).await?) };
        let aside = match &marker {
            Some(marker) if is_known && begun.is_empty() => marker.aside.clone(),
            marker => {
                self.kept_aside(name, marker.as_ref(), manifests.values().chain([next]).map(|manifest| &**manifest))
                    .await?
            }
        };
        Ok(Read { marker, state, past, aside, manifests, is_settled: false, found })
    }

    /// What is kept aside by looking: whoever broke off may have kept something, and has not written it down.
    async fn kept_aside(
        &self,
        name: &ComponentName,
        marker: Option<&Marker>,
        mut manifests: impl Iterator<Item = &Manifest> + Send,
    ) -> Result<BTreeSet<Sha256>, Trouble> {
        let told = marker.map(|marker| marker.aside.clone()).unwrap_or_default();
        let (Ok(site), Ok(ports)) = (self.site(name), self.site_ports()) else {
            return Ok(told);
        };
        if told.is_empty() && manifests.all(is_all_packed) {
            return Ok(told);
        }
        match self.bounded("s3:ListBucket", ports.bucket.kept(&site.home)).await {
            Ok(kept) => Ok(kept),
            Err(error) if error.is_denied() => {
                self.trouble(format!("{name}: which large files are kept aside cannot be looked at: {error}"));
                Ok(told)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What was begun and is not told of by the marker: it may be there in part. Without a marker it is looked instead.
    fn broken_off<'m>(&'m self, begun: &'m [Begun], marker: &'m Marker) -> impl Iterator<Item = Publication> + 'm {
        let is_told = |begun: &&Begun| {
            marker.publications().any(|one| one.manifest == begun.manifest && one.promotion == begun.promotion)
        };
        begun.iter().filter(move |begun| !is_told(begun)).map(|begun| {
            let release = begun.release.clone().or_else(|| self.version_of(&begun.manifest, Some(marker)));
            Publication {
                manifest: begun.manifest.clone(),
                extent: Extent::Broken,
                release: release.unwrap_or_else(|| marker.live.release.clone()),
                promotion: begun.promotion.clone(),
                at: self.world.clock.now(),
                runtime: None,
            }
        })
    }

    pub(super) async fn look_into(&self, name: &ComponentName, next: &Manifest) -> Result<Found, Trouble> {
        let (Ok(site), Ok(ports)) = (self.site(name), self.site_ports()) else {
            return Ok(Found::default());
        };
        let listed = self.bounded("s3:ListBucket", ports.bucket.list(&site.home)).await?;
        let paths = Found::worth_a_look(&listed, next);
        if paths.is_empty() {
            return Ok(Found::of(&listed, &[]));
        }
        let examined = self.bounded("s3:GetObject", ports.bucket.examine(&site.home, &paths)).await?;
        Ok(Found::of(&listed, &examined))
    }
}

impl Read {
    pub(super) fn before(&self) -> Before<'_> {
        let past = |one: &Publication| Some(Past { manifest: self.manifests.get(&one.manifest)?, extent: one.extent });
        let leaving = self.marker.iter().flat_map(|marker| &marker.leaving);
        Before {
            history: self.past.iter().filter_map(past).collect(),
            leaving: leaving.filter_map(|digest| self.manifests.get(digest)).map(|manifest| &**manifest).collect(),
            aside: self.aside.clone(),
            found: self.found.clone(),
        }
    }

    pub(super) fn complete(&self, next: &Manifest, plan: &SitePlan) -> BTreeSet<SiteDigest> {
        let before = self.before();
        let is_complete = |past: &&Arc<Manifest>| keeps_large_files(past, next, plan, &before);
        self.manifests.values().filter(is_complete).map(|past| past.digest().clone()).collect()
    }
}

/// Whether the marker says that what is wanted is live, whole, and the last thing that was begun, so that nothing has to
/// be compared.
fn is_settled(marker: &Marker, wanted: &Wanted<'_>) -> bool {
    let live = &marker.live;
    let is_live = live.manifest == *wanted.manifest && live.extent == Extent::Whole;
    let is_alone = wanted.begun.is_empty() && marker.leaving.is_empty() && !wanted.is_back;
    is_live && is_alone && wanted.runtime.as_ref().is_none_or(|runtime| live.runtime.as_ref() == Some(runtime))
}

/// The runtime file that must be there: the one that is asked for, or the one that was published with the manifest. On
/// the way back that one goes first, and the one of somebody else's publication before our own: the release may be the
/// same manifest with another runtime file.
pub(super) fn runtime(wanted: &Wanted<'_>, read: &Read, own: &PromotionId) -> Option<(RuntimeFile, IsWritten)> {
    let known = || read.past.iter().filter(|one| one.manifest == *wanted.manifest);
    let before = known().find(|one| wanted.is_back && one.promotion != *own);
    let published = before.or_else(|| known().next()).and_then(|one| one.runtime.clone());
    let asked_for = wanted.runtime.clone();
    let file = if wanted.is_back { published.or(asked_for) } else { asked_for.or(published) }?;
    let live = read.past.first().filter(|one| one.extent == Extent::Whole && read.found.is_none());
    let is_there = live.is_some_and(|live| live.runtime.as_ref() == Some(&file));
    Some((file, if is_there { IsWritten::Already } else { IsWritten::NotYet }))
}
