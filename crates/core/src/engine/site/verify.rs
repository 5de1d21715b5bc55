//! Whether what is live is what was published: the bucket against the marker's manifest, and what visitors get.
//!
//! It changes nothing and takes no lease.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    identifier::{ComponentName, Version},
    ledger::Releases,
    promotion::LiveSite,
    site::{Extent, PublishSettings, SitePath},
    smoke::{CheckOutcome, CheckResult},
};

use super::super::{
    entry::{Engine, EngineError, PromoteRequest},
    run::{Halt, Run},
};
use super::{
    check::{anything_may_go, live},
    trouble::Trouble,
    work::{Wanted, Work},
};

/// What a site is found to be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use = "a verification that nobody reads verifies nothing"]
pub struct SiteVerification {
    /// What is live by the marker's word.
    pub live: LiveSite,
    /// How many files the release has.
    pub files: usize,
    /// Files that are not in the bucket.
    pub missing: Vec<SitePath>,
    /// Files that are there with another length.
    pub other: Vec<SitePath>,
    /// What visitors get.
    pub answers: Vec<CheckResult>,
}

impl SiteVerification {
    /// Whether bucket and edges have what was published.
    pub fn is_good(&self) -> bool {
        let is_passed = |answer: &CheckResult| answer.outcome == CheckOutcome::Passed;
        self.missing.is_empty() && self.other.is_empty() && self.answers.iter().all(is_passed)
    }
}

impl Engine<'_> {
    /// Holds a site's bucket and what visitors get against what was published there; what hinders that, in words.
    ///
    /// # Errors
    /// When the store cannot be used, or AWS cannot be asked.
    pub async fn verify_site(
        &self,
        component: &ComponentName,
        asked: PromoteRequest,
    ) -> Result<Result<SiteVerification, String>, EngineError> {
        let world = self.forgetful();
        let engine = Engine { world: &world, ..*self };
        let mut run = engine.observation(asked.clone()).await?;
        match run.verify(component).await {
            Ok(found) => Ok(found),
            Err(halt) => Err(self.unplanned(halt, &asked)),
        }
    }
}

impl Run<'_> {
    async fn verify(&mut self, name: &ComponentName) -> Result<Result<SiteVerification, String>, Halt> {
        let site = self.site(name)?;
        let ports = self.site_ports()?;
        let stored = match self.bounded("s3:GetObject", ports.bucket.marker(&site.home)).await {
            Ok(stored) => stored,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let Some(stored) = stored else {
            return Ok(Err(format!("nothing was published to {} yet", site.home)));
        };
        let marker = match crate::site::Marker::from_json(&stored.bytes, &self.site_owner(name)) {
            Ok(marker) => marker,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let live = live(&marker);
        let settings: PublishSettings = anything_may_go(&site.settings);
        let wanted = Wanted { manifest: &live.manifest, begun: Vec::new(), settings, runtime: None, is_back: false };
        let work = match self.work(name, wanted).await {
            Ok(work) => work,
            Err(Trouble::Finding(why) | Trouble::Ledger(why)) => return Ok(Err(why)),
            Err(Trouble::Call(error)) => return Ok(Err(error.to_string())),
        };
        debug_assert!(marker.live.extent == Extent::Whole, "what is live is whole");
        let listed = match self.bounded("s3:ListBucket", ports.bucket.list(&site.home)).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let sizes: BTreeMap<&str, u64> = listed.iter().map(|listed| (listed.key.as_str(), listed.size)).collect();
        let (missing, other) = differences(&work, &sizes);
        let answers = self.answers(name, &work, live.version.as_ref()).await?;
        Ok(Ok(SiteVerification { files: work.next.files().len(), live, missing, other, answers }))
    }

    async fn answers(
        &self,
        name: &ComponentName,
        work: &Work,
        version: Option<&Version>,
    ) -> Result<Vec<CheckResult>, Halt> {
        let release = match version {
            Some(version) => Releases::new(&*self.world.store).get(version).await.ok(),
            None => None,
        };
        let expected = release.as_ref().map(|release| (&release.version, &release.commit));
        let visits = self.visit(name, work, expected).await?;
        Ok(visits.into_results())
    }
}

/// Files of a site that are not there, and those that are there with another length.
fn differences(work: &Work, sizes: &BTreeMap<&str, u64>) -> (Vec<SitePath>, Vec<SitePath>) {
    let of_release = work.next.files().iter().map(|(path, file)| (path, file.size));
    let runtime = work.runtime.iter().map(|(file, _)| (&file.path, file.content().size));
    let found = |path: &SitePath| sizes.get(path.as_str()).copied();
    let files: Vec<(&SitePath, u64)> = of_release.chain(runtime).collect();
    let missing = files.iter().filter(|(path, _)| found(path).is_none());
    let other = files.iter().filter(|(path, size)| found(path).is_some_and(|found| found != *size));
    (missing.map(|(path, _)| (*path).clone()).collect(), other.map(|(path, _)| (*path).clone()).collect())
}
