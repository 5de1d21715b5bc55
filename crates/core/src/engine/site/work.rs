//! What a run knows of a site before it writes: what is there by the marker's word or by looking, and the plan from there.
//!
//! It is made anew whenever something may have been written since: marker and manifests are enough to make it.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    config,
    identifier::{ComponentName, PromotionId, Sha256},
    ledger::{Ledger, Sites, history, history::Begun},
    ports::{CallError, MarkerState, SiteFiles},
    site::{
        EdgeView, Manifest, Marker, Pack, Publication, PublishSettings, ReadPack, Reading, RuntimeFile, SiteDigest,
        SiteOwner, SitePath, SitePlan, SiteRules, Wave, Write, packed, plan, settled,
    },
};

use super::super::{
    call,
    run::{Halt, Run},
};
use super::{
    SitePorts,
    reading::{Read, runtime},
    trouble::Trouble,
};

/// What is to be made live of a site, and what it takes.
pub(in super::super) struct Work {
    pub(super) next: Arc<Manifest>,
    /// Of its pack, as far as it is kept, what is written or looked into.
    pub(super) pack: Pack,
    /// Whether all of its pack is kept.
    pub(super) is_packed: bool,
    pub(super) marker: Option<Marker>,
    /// What is live by its word, where that was read.
    pub(super) live: Option<Arc<Manifest>>,
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
        self.fill_pack(name, &mut work).await?;
        Ok(work)
    }

    /// The same without the bytes of small files, which may be many.
    pub(super) async fn work_without_pack(&self, name: &ComponentName, wanted: Wanted<'_>) -> Result<Work, Trouble> {
        let next = self.kept_manifest(wanted.manifest).await?;
        self.work_from(name, next, wanted).await
    }

    /// Reads of them what is written and the page that visitors get first, where anybody asks for that.
    pub(super) async fn fill_pack(&self, name: &ComponentName, work: &mut Work) -> Result<(), Trouble> {
        let entry = self.site_rules(name).ok().map(|rules| &rules.survey.entry).filter(|_| work.edge.is_some());
        let written = work.plan.waves.iter().flat_map(|wave| &wave.writes).map(|write| &write.path);
        let wanted = written.chain(entry).filter_map(|path| work.next.file(path)).map(|file| &file.sha256);
        let wanted: BTreeSet<_> = wanted.collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let read = self.kept_pack(&work.next, Reading::Only(&wanted)).await?;
        work.is_packed = read.is_whole(&work.next);
        work.pack = read.bytes;
        Ok(())
    }

    /// What the site takes, where its manifest is at hand; without its pack.
    pub(super) async fn work_from(
        &self,
        name: &ComponentName,
        next: Arc<Manifest>,
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
        let plan = if read.is_settled {
            settled(&next, read.past.iter().map(|one| (&one.manifest, one.extent)), &wanted.settings)?
        } else {
            plan(&next, &read.before(), &wanted.settings)?
        };
        let runtime = runtime(&wanted, &read, &self.journal.promotion.request.id);
        let edge = self.edge(site).await?;
        let complete = read.complete(&next, &plan);
        let Read { marker, state, past, aside, manifests, .. } = read;
        let live = marker.as_ref().and_then(|marker| manifests.get(&marker.live.manifest)).cloned();
        let is_in_doubt = !wanted.begun.is_empty();
        let (pack, is_packed, source) = (Pack::default(), false, Source::Here);
        Ok(Work {
            next,
            pack,
            is_packed,
            marker,
            live,
            state,
            past,
            complete,
            aside,
            plan,
            edge,
            runtime,
            source,
            is_in_doubt,
        })
    }

    pub(super) fn site_owner(&self, name: &ComponentName) -> SiteOwner {
        let (app, environment) = (self.application.app.clone(), self.environment.name.clone());
        SiteOwner { app, environment, component: name.clone() }
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

    /// A manifest, where it is at hand or kept beside the ledger.
    pub(super) async fn manifest(&self, digest: &SiteDigest) -> Result<Option<Arc<Manifest>>, Trouble> {
        if let Some(made) = self.site_ports().ok().and_then(|ports| ports.made.get(digest)) {
            return Ok(Some(Arc::clone(made)));
        }
        Ok(Sites::new(&*self.world.store).manifest(digest).await?.map(Arc::new))
    }

    async fn kept_manifest(&self, digest: &SiteDigest) -> Result<Arc<Manifest>, Trouble> {
        let manifest = self.manifest(digest).await?;
        let missing = || Trouble::Finding(format!("the manifest {} is not kept beside the ledger", digest.short()));
        manifest.ok_or_else(missing)
    }

    /// What is wanted of the pack of a manifest; nothing where there is none.
    pub(super) async fn kept_pack(&self, manifest: &Manifest, reading: Reading<'_>) -> Result<ReadPack, Trouble> {
        if packed(manifest).is_empty() {
            return Ok(ReadPack::default());
        }
        Ok(Sites::new(&*self.world.store).pack(manifest.digest(), reading).await?)
    }
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
