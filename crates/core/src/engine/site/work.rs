//! What a run knows of a site before it writes: what is there by the marker's word or by looking, and the plan from there.
//!
//! It is made anew whenever something may have been written since: marker and manifests are enough to make it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    config,
    identifier::{ComponentName, PromotionId, Sha256},
    ledger::{Ledger, LedgerError, Sites, SitesError, history, history::Begun},
    ports::{BucketError, CallError, CdnError, MarkerState, SiteFiles, StoredMarker},
    site::{
        Before, EdgeView, Extent, Found, Manifest, Marker, Pack, Past, PlanRefusal, Publication, PublishSettings,
        RuntimeFile, SiteDigest, SiteOwner, SitePath, SitePlan, SiteRules, Wave, Write, is_all_packed,
        keeps_large_files, packed, plan,
    },
};

use super::super::{
    call,
    run::{Halt, Run},
};
use super::SitePorts;

/// What is to be made live of a site, and what it takes.
pub(in super::super) struct Work {
    pub(super) next: Manifest,
    /// The bytes of its small mutable files, as far as they are kept.
    pub(super) pack: Pack,
    pub(super) marker: Option<Marker>,
    /// What the marker must still be when it is written.
    pub(super) state: MarkerState,
    /// What was published before, the newest first.
    pub(super) past: Vec<Publication>,
    /// Those of the past whose large files can be put back once the plan was carried out.
    pub(super) complete: BTreeSet<SiteDigest>,
    /// Large files that are kept aside by now, by what they hash to.
    pub(super) aside: BTreeSet<Sha256>,
    pub(super) plan: SitePlan,
    pub(super) edge: Option<Edge>,
    /// The runtime file that must be there, and whether it has to be written.
    pub(super) runtime: Option<(RuntimeFile, IsWritten)>,
    pub(super) source: Source,
    /// Whether something was begun whose end nobody knows, so that edges may have anything of it.
    pub(super) is_in_doubt: bool,
}

/// Whether something has to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsWritten {
    Already,
    NotYet,
}

/// What visitors ask.
pub(super) struct Edge {
    pub(super) view: EdgeView,
    /// What every URL of the site begins with, with a `/` at its end.
    pub(super) base: String,
}

/// Where bytes come from that are in no pack.
#[derive(Clone)]
pub(super) enum Source {
    /// A directory that holds the very release.
    Directory(Arc<dyn SiteFiles>),
    /// Another environment's bucket, where it is live or kept.
    Elsewhere(crate::site::Home),
    /// The site's own bucket.
    Here,
}

/// Why there is no work to be had.
pub(super) enum Trouble {
    /// A call failed.
    Call(Box<CallError>),
    /// What is kept beside the ledger cannot be read now.
    Ledger(String),
    /// Something is as it must not be.
    Finding(String),
}

impl From<SitesError> for Trouble {
    fn from(error: SitesError) -> Self {
        match error {
            SitesError::Store(_) => Self::Ledger(told(&error)),
            SitesError::Manifest { .. } | SitesError::Pack { .. } | SitesError::Another(_) => {
                Self::Finding(told(&error))
            }
        }
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(_) | LedgerError::Contended(_) => Self::Ledger(told(&error)),
            LedgerError::Tampered { .. } => Self::Finding(told(&error)),
        }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(Box::new(error))
    }
}

impl From<BucketError> for Trouble {
    fn from(error: BucketError) -> Self {
        match error {
            BucketError::Call(error) => error.into(),
            BucketError::NoBucket(_)
            | BucketError::OtherRegion { .. }
            | BucketError::OtherOwner { .. }
            | BucketError::MarkerChanged(_)
            | BucketError::NoObject { .. }
            | BucketError::Corrupted { .. }
            | BucketError::File(_) => Self::Finding(error.to_string()),
        }
    }
}

impl From<CdnError> for Trouble {
    fn from(error: CdnError) -> Self {
        match error {
            CdnError::Call(error) => error.into(),
            CdnError::NoDistribution(_)
            | CdnError::TooManyInProgress(_)
            | CdnError::ReferenceTaken(_)
            | CdnError::NoInvalidation(_) => Self::Finding(error.to_string()),
        }
    }
}

impl From<PlanRefusal> for Trouble {
    fn from(refusal: PlanRefusal) -> Self {
        Self::Finding(refusal.to_string())
    }
}

/// What is to be live.
pub(super) struct Wanted<'a> {
    pub(super) manifest: &'a SiteDigest,
    /// What was begun, and may have come to its end or not, the newest first.
    pub(super) begun: Vec<Begun>,
    pub(super) settings: PublishSettings,
    /// The runtime file to go with it, as the environment configures it.
    pub(super) runtime: Option<RuntimeFile>,
    /// Whether it was live before, so that its files may be there though no marker tells of it.
    pub(super) is_back: bool,
}

/// What is in the bucket.
struct Read {
    marker: Option<Marker>,
    state: MarkerState,
    past: Vec<Publication>,
    aside: BTreeSet<Sha256>,
    manifests: BTreeMap<SiteDigest, Manifest>,
    found: Option<Found>,
}

impl Work {
    /// Whether the marker says that the promotion has switched the site to this already.
    pub(super) fn is_switched_by(&self, promotion: &PromotionId) -> bool {
        let live = self.marker.as_ref().map(|marker| &marker.live);
        live.is_some_and(|live| live.manifest == *self.next.digest() && live.promotion == *promotion)
    }

    /// Whether there is a marker that tells nothing. Nobody who publishes leaves such a one, so it is nobody's, and what is
    /// there was found by looking.
    pub(super) fn is_unreadable(&self) -> bool {
        self.marker.is_none() && matches!(self.state, MarkerState::Is(_))
    }

    /// Whether nothing has to be written but, where something else is live by its word, the marker.
    pub(super) fn is_there(&self) -> bool {
        self.plan.is_nothing() && self.runtime.as_ref().is_none_or(|(_, written)| *written == IsWritten::Already)
    }

    /// Files that change and are in no manifest.
    pub(super) fn besides(&self) -> Vec<SitePath> {
        let changed = self.runtime.iter().filter(|(_, written)| *written == IsWritten::NotYet);
        changed.map(|(file, _)| file.path.clone()).collect()
    }
}

impl<'a> Run<'a> {
    pub(super) fn site(&self, name: &ComponentName) -> Result<&'a config::Site, Halt> {
        let site = self.environment.sites.get(name);
        site.ok_or_else(|| Halt::Suspend(format!("`{name}` is no longer configured in {}", self.environment.name)))
    }

    /// What the site's files are, wherever they are published.
    pub(super) fn site_rules(&self, name: &ComponentName) -> Result<&'a SiteRules, Halt> {
        let source = self.application.component(name).and_then(|component| component.site.as_ref());
        source.map(|source| &source.rules).ok_or_else(|| Halt::Suspend(format!("`{name}` is no longer a site")))
    }

    pub(super) fn site_ports(&self) -> Result<&'a SitePorts, Halt> {
        let ports = self.world.sites.as_ref();
        ports
            .ok_or_else(|| Halt::Suspend(format!("the sites of {} cannot be reached from here", self.environment.name)))
    }

    /// What the site takes, from what is in its bucket now.
    pub(super) async fn work(&self, name: &ComponentName, wanted: Wanted<'_>) -> Result<Work, Trouble> {
        let mut work = self.work_without_pack(name, wanted).await?;
        self.fill_pack(&mut work).await?;
        Ok(work)
    }

    /// The same without the bytes of small files, which may be many.
    pub(super) async fn work_without_pack(&self, name: &ComponentName, wanted: Wanted<'_>) -> Result<Work, Trouble> {
        let next = self.kept_manifest(wanted.manifest).await?;
        self.work_from(name, next, wanted).await
    }

    /// Reads them, unless they are there.
    pub(super) async fn fill_pack(&self, work: &mut Work) -> Result<(), Trouble> {
        if !work.pack.is_whole(&work.next) {
            work.pack = self.kept_pack(&work.next).await?;
        }
        Ok(())
    }

    /// What the site takes, where its manifest is at hand; without its pack.
    pub(super) async fn work_from(
        &self,
        name: &ComponentName,
        next: Manifest,
        wanted: Wanted<'_>,
    ) -> Result<Work, Trouble> {
        let (Ok(site), Ok(ports)) = (self.site(name), self.site_ports()) else {
            return Err(Trouble::Finding(format!(
                "the sites of {} cannot be reached from here",
                self.environment.name
            )));
        };
        let stored = self.bounded("s3:GetObject", ports.bucket.marker(&site.home)).await?;
        let read = self.read_site(name, stored, &wanted, &next).await?;
        let plan = plan(&next, &read.before(), &wanted.settings)?;
        let runtime = runtime(&wanted, &read, &self.journal.promotion.request.id);
        let edge = self.edge(site).await?;
        let complete = read.complete(&next, &plan);
        let Read { marker, state, past, aside, .. } = read;
        let is_in_doubt = !wanted.begun.is_empty();
        let (pack, source) = (Pack::default(), Source::Here);
        Ok(Work { next, pack, marker, state, past, complete, aside, plan, edge, runtime, source, is_in_doubt })
    }

    pub(super) fn site_owner(&self, name: &ComponentName) -> SiteOwner {
        let (app, environment) = (self.application.app.clone(), self.environment.name.clone());
        SiteOwner { app, environment, component: name.clone() }
    }

    /// What is in the bucket: by the word of the marker, and where that does not tell, by looking.
    async fn read_site(
        &self,
        name: &ComponentName,
        stored: Option<StoredMarker>,
        wanted: &Wanted<'_>,
        next: &Manifest,
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
        let leaving = marker.iter().flat_map(|marker| &marker.leaving);
        let mut manifests = BTreeMap::new();
        for digest in past.iter().map(|one| &one.manifest).chain(leaving) {
            if manifests.contains_key(digest) {
                continue;
            }
            let known = (digest == next.digest()).then(|| next.clone());
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
            marker => self.kept_aside(name, marker.as_ref(), manifests.values().chain([next])).await?,
        };
        Ok(Read { marker, state, past, aside, manifests, found })
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

    /// What this promotion may have begun, and before it whatever the ledger knows to have been begun and not ended.
    pub(super) async fn begun(&self, name: &ComponentName, own: Option<&SiteDigest>) -> Result<Vec<Begun>, Trouble> {
        let records = Ledger::new(&*self.world.store, &self.environment.name).records().await?;
        let past = history::sites_in_doubt(&records).remove(name).unwrap_or_default();
        let promotion = &self.journal.promotion.request.id;
        let own = own.map(|own| Begun { manifest: own.clone(), release: None, promotion: promotion.clone() });
        Ok(own.into_iter().chain(past).collect())
    }

    /// The release that a manifest is of: the promotion's own, or one that the marker knows.
    pub(super) fn version_of(
        &self,
        manifest: &SiteDigest,
        marker: Option<&Marker>,
    ) -> Option<crate::identifier::Version> {
        let mut known = marker.into_iter().flat_map(Marker::publications);
        let known = known.find(|one| one.manifest == *manifest).map(|one| one.release.clone());
        known.or_else(|| self.journal.promotion.request.intent.version().cloned())
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

    async fn edge(&self, site: &config::Site) -> Result<Option<Edge>, Trouble> {
        let (Some(id), Ok(ports)) = (&site.distribution, self.site_ports()) else {
            return Ok(None);
        };
        let distribution = self.bounded("cloudfront:GetDistribution", ports.cdn.distribution(id)).await?;
        let view = EdgeView::of(&distribution, &site.home, &self.environment.region);
        let view = view.map_err(|problem| Trouble::Finding(problem.to_string()))?;
        let base = site.url.clone().unwrap_or_else(|| format!("https://{}{}", distribution.domain, view.root));
        Ok(Some(Edge { view, base: format!("{}/", base.trim_end_matches('/')) }))
    }

    /// Waits for a call about a site; gives it up at its deadline.
    pub(super) async fn bounded<T, E: From<CallError>>(
        &self,
        operation: &str,
        work: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        call::write(&*self.world.clock, self.settings.call_deadline, operation, work).await
    }

    /// A manifest, where it is kept beside the ledger.
    pub(super) async fn manifest(&self, digest: &SiteDigest) -> Result<Option<Manifest>, Trouble> {
        Ok(Sites::new(&*self.world.store).manifest(digest).await?)
    }

    async fn kept_manifest(&self, digest: &SiteDigest) -> Result<Manifest, Trouble> {
        let manifest = self.manifest(digest).await?;
        let missing = || Trouble::Finding(format!("the manifest {} is not kept beside the ledger", digest.short()));
        manifest.ok_or_else(missing)
    }

    /// The pack of a manifest; an empty one where there is none.
    pub(super) async fn kept_pack(&self, manifest: &Manifest) -> Result<Pack, Trouble> {
        if packed(manifest).is_empty() {
            return Ok(Pack::default());
        }
        let pack = Sites::new(&*self.world.store).pack(manifest.digest()).await?;
        Ok(pack.unwrap_or_default())
    }
}

impl Read {
    fn before(&self) -> Before<'_> {
        let past = |one: &Publication| Some(Past { manifest: self.manifests.get(&one.manifest)?, extent: one.extent });
        let leaving = self.marker.iter().flat_map(|marker| &marker.leaving);
        Before {
            history: self.past.iter().filter_map(past).collect(),
            leaving: leaving.filter_map(|digest| self.manifests.get(digest)).collect(),
            aside: self.aside.clone(),
            found: self.found.clone(),
        }
    }

    fn complete(&self, next: &Manifest, plan: &SitePlan) -> BTreeSet<SiteDigest> {
        let before = self.before();
        let is_complete = |past: &&Manifest| keeps_large_files(past, next, plan, &before);
        self.manifests.values().filter(is_complete).map(|past| past.digest().clone()).collect()
    }
}

/// The runtime file that must be there: the one that is asked for, or the one that was published with the manifest. On
/// the way back that one goes first, and the one of somebody else's publication before our own: the release may be the
/// same manifest with another runtime file.
fn runtime(wanted: &Wanted<'_>, read: &Read, own: &PromotionId) -> Option<(RuntimeFile, IsWritten)> {
    let known = || read.past.iter().filter(|one| one.manifest == *wanted.manifest);
    let before = known().find(|one| wanted.is_back && one.promotion != *own);
    let published = before.or_else(|| known().next()).and_then(|one| one.runtime.clone());
    let asked_for = wanted.runtime.clone();
    let file = if wanted.is_back { published.or(asked_for) } else { asked_for.or(published) }?;
    let live = read.past.first().filter(|one| one.extent == Extent::Whole && read.found.is_none());
    let is_there = live.is_some_and(|live| live.runtime.as_ref() == Some(&file));
    Some((file, if is_there { IsWritten::Already } else { IsWritten::NotYet }))
}

/// An error with everything that caused it.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// The files to write whose bytes no pack has.
pub(super) fn unpacked<'w>(
    waves: impl Iterator<Item = &'w Wave> + 'w,
    next: &'w Manifest,
    pack: &'w Pack,
) -> impl Iterator<Item = &'w Write> + 'w {
    let is_unpacked = |write: &&Write| next.file(&write.path).is_some_and(|file| pack.get(&file.sha256).is_none());
    waves.flat_map(|wave| &wave.writes).filter(is_unpacked)
}
