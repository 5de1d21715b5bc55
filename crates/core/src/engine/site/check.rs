//! Effect Check for sites: what is live, what would be written, where its bytes are, and what could be gone back to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    config,
    identifier::ComponentName,
    ledger::{Record, history, history::Begun},
    ports::CallError,
    promotion::{Intent, LiveSite, SiteChange, SiteComponentPlan, SiteTarget},
    release::Release,
    site::{
        Change, Extent, Home, ManifestFile, Marker, PlanSummary, Publication, PublishSettings, Reading, RuntimeFile,
        ShareLimit, SiteDigest, SitePath, Write,
    },
};

use super::super::{check::Findings, run::Run};
use super::{
    carry::kept_state,
    trouble::{Trouble, told},
    work::{Source, Wanted, Work, unpacked},
};

const NO_WAY_BACK: &str = "there is nothing to go back to: nothing that was live here is kept beside the ledger";

/// What the ledger says of sites.
pub(in super::super) struct PastSites {
    proven: BTreeMap<ComponentName, history::ProvenSite>,
    judged_bad: BTreeMap<ComponentName, BTreeSet<SiteDigest>>,
    /// What was written and neither proven nor put back.
    in_doubt: BTreeMap<ComponentName, Vec<Begun>>,
}

impl PastSites {
    pub(in super::super) fn of(records: &[Record]) -> Self {
        Self {
            proven: history::last_proven_sites(records),
            judged_bad: history::sites_judged_bad(records),
            in_doubt: history::sites_in_doubt(records),
        }
    }
}

impl Run<'_> {
    /// The sites that this promotion is about, each with what must be live.
    pub(in super::super) fn wanted_sites(&self) -> Vec<(ComponentName, SiteDigest)> {
        let of = |name: &ComponentName| match &self.journal.promotion.request.intent {
            Intent::Promote { .. } => self.release.as_ref()?.site(name).cloned(),
            Intent::Restore { sites, .. } => sites.get(name).cloned(),
            Intent::Drill { .. } => None,
        };
        self.environment.sites.keys().filter_map(|name| Some((name.clone(), of(name)?))).collect()
    }

    /// Plans every site, and says what forbids it.
    pub(in super::super) async fn check_sites(
        &mut self,
        past: &PastSites,
        findings: &mut Findings,
    ) -> Result<Vec<SiteComponentPlan>, CallError> {
        let mut plans = Vec::new();
        for (name, manifest) in self.wanted_sites() {
            match self.check_site(&name, &manifest, past).await {
                Ok((plan, work)) => {
                    plans.push(plan);
                    self.sites.insert(name, work);
                }
                Err(Trouble::Finding(finding) | Trouble::Ledger(finding)) => findings.add(format!("{name}: {finding}")),
                Err(Trouble::Call(error)) => return Err(*error),
            }
        }
        Ok(plans)
    }

    async fn check_site(
        &self,
        name: &ComponentName,
        manifest: &SiteDigest,
        past: &PastSites,
    ) -> Result<(SiteComponentPlan, Work), Trouble> {
        let Some(site) = self.environment.sites.get(name) else {
            return Err(Trouble::Finding(format!("it is not configured in {}", self.environment.name)));
        };
        let wanted = self.wanted_of(site, manifest, past.in_doubt.get(name).cloned().unwrap_or_default())?;
        let mut work = self.work_without_pack(name, wanted).await?;
        let is_live = work.marker.as_ref().is_some_and(|marker| marker.live.manifest == *manifest);
        // What is live may never have been proven, nor told to the edges.
        let is_nothing = is_live && work.is_there() && !work.is_in_doubt;
        let change = if is_nothing { SiteChange::Nothing } else { SiteChange::Publish };
        let (mut target, mut notes) = (None, Vec::new());
        if change == SiteChange::Publish {
            // One pack at a time: each may be as large as all small files together.
            target = self.site_target(name, past, &work).await?;
        }
        self.fill_pack(name, &mut work).await?;
        if change == SiteChange::Publish {
            work.source = self.source(name, &work).await?;
            notes.extend(summary(&work));
            notes.extend(target.is_none().then(|| NO_WAY_BACK.to_owned()));
        }
        let before = work.marker.as_ref().map(live);
        let plan = SiteComponentPlan {
            component: name.clone(),
            bucket: site.home.bucket.clone(),
            prefix: site.home.prefix.clone(),
            distribution: site.distribution.clone(),
            manifest: manifest.clone(),
            change,
            before,
            marker: kept_state(&work.state),
            kept: work.plan.kept.iter().map(|kept| kept.manifest.clone()).collect(),
            target,
            needs: self.application.component(name).map(|one| one.needs.clone()).unwrap_or_default(),
            notes,
        };
        Ok((plan, work))
    }

    /// What is to be live, with the runtime file that the environment configures for it.
    pub(super) fn wanted_of<'m>(
        &self,
        site: &config::Site,
        manifest: &'m SiteDigest,
        begun: Vec<Begun>,
    ) -> Result<Wanted<'m>, Trouble> {
        let is_way_back = matches!(self.journal.promotion.request.intent, Intent::Restore { .. });
        let settings = if is_way_back { anything_may_go(&site.settings) } else { site.settings.clone() };
        Ok(Wanted { manifest, begun, settings, runtime: self.runtime(site)?, is_back: is_way_back })
    }

    fn runtime(&self, site: &config::Site) -> Result<Option<RuntimeFile>, Trouble> {
        let release = self.release.as_ref();
        release.map_or(Ok(None), |release| Self::rendered(site, release))
    }

    /// The runtime file of a release, where the environment configures one.
    pub(super) fn rendered(site: &config::Site, release: &Release) -> Result<Option<RuntimeFile>, Trouble> {
        let Some(rules) = &site.runtime else {
            return Ok(None);
        };
        let rendered = rules.render(&release.version, &release.commit);
        rendered.map(Some).map_err(|error| Trouble::Finding(error.to_string()))
    }

    /// Where the bytes are that have to be written and are in no pack.
    pub(super) async fn source(&self, name: &ComponentName, work: &Work) -> Result<Source, Trouble> {
        let missing = unpacked(work.plan.waves.iter(), &work.next, &work.pack).count();
        if missing == 0 && work.is_packed {
            return Ok(Source::Here);
        }
        if let Some(files) = self.site_ports().ok().and_then(|ports| ports.files.get(name)) {
            let Ok(rules) = self.site_rules(name) else {
                return Err(Trouble::Finding("it is no longer a site".to_owned()));
            };
            let survey = files.survey(&rules.survey).await.map_err(|error| Trouble::Finding(error.to_string()))?;
            let found = rules.manifest(&survey);
            if found.digest() == work.next.digest() {
                return Ok(Source::Directory(Arc::clone(files)));
            }
            self.trouble(format!(
                "{name}: {} holds {}, and the release is {}: its bytes are looked for elsewhere",
                files.place(),
                found.digest().short(),
                work.next.digest().short()
            ));
        }
        if let Some(home) = self.elsewhere(name, work.next.digest()).await {
            return Ok(Source::Elsewhere(home));
        }
        if is_kept_here(work) {
            return Ok(Source::Here);
        }
        Err(Trouble::Finding(format!(
            "files of {} whose bytes are neither here nor where another environment has it live or kept: {missing}; \
             name the directory that it was built into",
            work.next.digest().short()
        )))
    }

    /// Another environment's place where the manifest is live, so that every file of it is there.
    async fn elsewhere(&self, name: &ComponentName, manifest: &SiteDigest) -> Option<Home> {
        let ports = self.site_ports().ok()?;
        let others = self.application.environments.iter().filter(|other| other.name != self.environment.name);
        for other in others {
            let Some(site) = other.sites.get(name) else {
                continue;
            };
            let owner = crate::site::SiteOwner { environment: other.name.clone(), ..self.site_owner(name) };
            match self.bounded("s3:GetObject", ports.bucket.marker(&site.home)).await {
                Ok(Some(stored)) => {
                    let marker = Marker::from_json(&stored.bytes, &owner).ok();
                    let is_live =
                        |marker: Marker| marker.live.manifest == *manifest && marker.live.extent == Extent::Whole;
                    if marker.is_some_and(is_live) {
                        return Some(site.home.clone());
                    }
                }
                Ok(None) => {}
                Err(error) => self.trouble(format!("{name}: {} cannot be looked at: {}", site.home, told(&error))),
            }
        }
        None
    }

    /// What would be gone back to: what is live, where it was not judged bad and can be put back; otherwise what was
    /// last proven, as far as it is still there.
    async fn site_target(
        &self,
        name: &ComponentName,
        past: &PastSites,
        work: &Work,
    ) -> Result<Option<SiteTarget>, Trouble> {
        let proven = past.proven.get(name);
        let is_bad = |manifest: &SiteDigest| past.judged_bad.get(name).is_some_and(|bad| bad.contains(manifest));
        let candidates: Vec<Publication> =
            work.past.iter().filter(|one| one.extent == Extent::Whole && !is_bad(&one.manifest)).cloned().collect();
        for publication in candidates {
            if !self.can_be_put_back(&publication.manifest, work).await? {
                continue;
            }
            let own = proven.filter(|proven| proven.live.manifest == publication.manifest);
            let proven_by = own.map_or_else(|| publication.promotion.clone(), |proven| proven.promotion.clone());
            let live = LiveSite { manifest: publication.manifest.clone(), version: Some(publication.release.clone()) };
            return Ok(Some(SiteTarget { live, proven_by }));
        }
        if work.marker.is_none()
            && let Some(proven) = proven
            && !is_bad(&proven.live.manifest)
            && self.is_still_there(name, &proven.live.manifest, work).await?
        {
            return Ok(Some(SiteTarget { live: proven.live.clone(), proven_by: proven.promotion.clone() }));
        }
        Ok(None)
    }

    /// Whether a manifest and all of its pack are kept beside the ledger, and what is too large for that in the bucket.
    async fn can_be_put_back(&self, manifest: &SiteDigest, work: &Work) -> Result<bool, Trouble> {
        if !work.complete.contains(manifest) {
            return Ok(false);
        }
        let live = work.live.as_ref().filter(|live| live.digest() == manifest).cloned();
        let manifest = if live.is_some() { live } else { self.manifest(manifest).await? };
        let Some(manifest) = manifest else {
            return Ok(false);
        };
        Ok(self.kept_pack(&manifest, Reading::Check).await?.is_whole(&manifest))
    }
}

impl Run<'_> {
    /// Whether all of a manifest could be put back though no marker tells of it: from its pack, from what is kept aside,
    /// or from what is there and is not about to be overwritten.
    async fn is_still_there(&self, name: &ComponentName, manifest: &SiteDigest, work: &Work) -> Result<bool, Trouble> {
        let Some(manifest) = self.manifest(manifest).await? else {
            return Ok(false);
        };
        let pack = self.kept_pack(&manifest, Reading::Check).await?;
        let found = self.look_into(name, &manifest).await?;
        let is_there = |(path, file): (&SitePath, &ManifestFile)| {
            let stays = work.next.file(path).is_none_or(|next| next.sha256 == file.sha256);
            let is_kept = pack.there.contains(&file.sha256) || work.aside.contains(&file.sha256);
            is_kept || stays && found.holds(path, &file.sha256)
        };
        Ok(manifest.files().iter().all(is_there))
    }
}

/// What is live by the marker's word.
pub(super) fn live(marker: &Marker) -> LiveSite {
    LiveSite { manifest: marker.live.manifest.clone(), version: Some(marker.live.release.clone()) }
}

/// The way back is never too large a change.
pub(super) fn anything_may_go(settings: &PublishSettings) -> PublishSettings {
    PublishSettings { largest_share: ShareLimit::ALL, ..settings.clone() }
}

/// What would be written, for people.
fn summary(work: &Work) -> Vec<String> {
    let summary = PlanSummary::of(&work.plan, &work.next).to_string();
    summary.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Whether everything that is to be written and is in no pack was kept aside here, or is there with other headers.
fn is_kept_here(work: &Work) -> bool {
    let is_kept = |write: &Write| {
        let file = work.next.file(&write.path);
        write.change == Change::Headers || file.is_some_and(|file| work.aside.contains(&file.sha256))
    };
    unpacked(work.plan.waves.iter(), &work.next, &work.pack).all(is_kept)
}
