//! Effects `RollBack` and `WatchRollback` for sites: what was live is written again, told to the edges, and proven.

use std::sync::PoisonError;

use crate::{
    identifier::ComponentName,
    promotion::{Event, FailureKind, Site, SitePhase, Switch},
    site::{InvalidationReference, SiteDigest, Wave},
};

use super::super::{
    run::{Halt, Run},
    smoke,
};
use super::{
    check::anything_may_go,
    switch::{Unwritten, publisher},
    trouble::Trouble,
    work::{Wanted, Work},
};

const UNASKED: &str = "what was live is written again, but the site has neither a distribution nor a smoke check, so \
                       nothing is proven";

impl Run<'_> {
    /// Writes what was live again. It may be repeated.
    pub(in super::super) async fn switch_back(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        self.keep_lease().await?;
        let (site, component) = (self.site_state(name)?.clone(), name.clone());
        if site.phase == SitePhase::Published && !self.may_have_begun(name) {
            return Ok(vec![Event::RolledBack { component, results: Vec::new() }]);
        }
        let Some(target) = &site.plan.target else {
            let why = "no other release is kept here, so there is nothing to go back to".to_owned();
            return Ok(vec![Event::Stuck { component, why }]);
        };
        self.renew_lease().await?;
        self.may_begin()?;
        let work = match self.work_back(name, &site, &target.live.manifest).await {
            Ok(work) => work,
            Err(Trouble::Call(error)) if error.is_passing() || error.is_ambiguous() => {
                return self.later(error.to_string()).await;
            }
            Err(Trouble::Call(error)) => return Ok(vec![Event::Stuck { component, why: error.to_string() }]),
            Err(Trouble::Ledger(why)) => return self.later(why).await,
            Err(Trouble::Finding(why)) => return Ok(vec![Event::Stuck { component, why }]),
        };
        if !self.is_ours_to_undo(&site, &work) {
            return Ok(vec![Event::Replaced { component, by: publisher(work.marker.as_ref()) }]);
        }
        let home = site.plan.home();
        let waves: Vec<&Wave> = work.plan.waves.iter().collect();
        let carried = match self.write(name, &work, &home, &waves).await? {
            Ok(carried) => carried,
            Err(Unwritten::Later(why)) => return self.later(why).await,
            Err(Unwritten::Replaced(by)) => return Ok(vec![Event::Replaced { component, by }]),
            Err(Unwritten::ForGood(failure)) => {
                debug_assert_eq!(failure.kind, FailureKind::Switch);
                return Ok(vec![Event::Stuck { component, why: failure.message }]);
            }
        };
        let reference = InvalidationReference::of_way_back(&self.journal.promotion.request.id, name);
        let invalidation = self.invalidate(name, &work, &reference, true).await?;
        let files = u32::try_from(carried.objects).unwrap_or(u32::MAX);
        self.sites.insert(component.clone(), work);
        Ok(vec![Event::SwitchedBack { component, switch: Switch { files, bytes: carried.bytes, invalidation } }])
    }

    /// Whether the switch may have begun, in this run or in the one before.
    fn may_have_begun(&self, name: &ComponentName) -> bool {
        self.is_resumed || self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    async fn work_back(&self, name: &ComponentName, site: &Site, target: &SiteDigest) -> Result<Work, Trouble> {
        let Ok(settings) = self.site(name).map(|site| anything_may_go(&site.settings)) else {
            return Err(Trouble::Finding(format!("it is no longer configured in {}", self.environment.name)));
        };
        let begun = self.begun(name, Some(&site.plan.manifest)).await?;
        let version = site.goes_back_to().and_then(|live| live.version.as_ref());
        let release = match version {
            Some(version) => crate::ledger::Releases::new(&*self.world.store).get(version).await.ok(),
            None => None,
        };
        // Where no marker tells what was published with it.
        let runtime = match (self.site(name), &release) {
            (Ok(site), Some(release)) => Self::rendered(site, release)?,
            (Ok(_) | Err(_), _) => None,
        };
        let wanted = Wanted { manifest: target, begun, settings, runtime, is_back: true };
        self.work(name, wanted).await
    }

    /// Whether the marker is as the check found it, this promotion's own, or nobody's.
    fn is_ours_to_undo(&self, site: &Site, work: &Work) -> bool {
        let own = &self.journal.promotion.request.id;
        let is_own = work.marker.as_ref().is_some_and(|marker| marker.live.promotion == *own);
        is_own || work.state == site.plan.expected() || work.is_unreadable()
    }

    /// Waits until edges have forgotten the release, and proves that visitors get what was live.
    pub(in super::super) async fn watch_switch_back(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        loop {
            self.keep_lease().await?;
            let site = self.site_state(name)?.clone();
            let since = self.journal.last_of(name, "switched-back");
            if self.has_forgotten(name, &site, since).await? {
                return self.prove_back(name, &site).await;
            }
            self.wait(self.next_look(since)).await?;
        }
    }

    async fn prove_back(&mut self, name: &ComponentName, site: &Site) -> Result<Vec<Event>, Halt> {
        let component = name.clone();
        let Some(target) = &site.plan.target else {
            return Ok(vec![Event::Stuck { component, why: "there is nothing to go back to".to_owned() }]);
        };
        let release = match &target.live.version {
            Some(version) => crate::ledger::Releases::new(&*self.world.store).get(version).await.ok(),
            None => None,
        };
        let expected = release.as_ref().map(|release| (&release.version, &release.commit));
        if self.sites.get(name).is_none_or(|work| *work.next.digest() != target.live.manifest) {
            match self.work_back(name, site, &target.live.manifest).await {
                Ok(work) => self.sites.insert(component.clone(), work),
                Err(Trouble::Finding(why)) => return Ok(vec![Event::Stuck { component, why }]),
                Err(Trouble::Ledger(why)) => return Err(Halt::Suspend(why)),
                Err(Trouble::Call(error)) => return Err(Halt::Suspend(error.to_string())),
            };
        }
        let Some(work) = self.sites.get(name) else {
            return Ok(Vec::new());
        };
        let visits = self.visit(name, work, expected).await?;
        let why = visits.failed().map(smoke::words);
        let results = visits.into_results();
        Ok(vec![match why {
            None if results.is_empty() => Event::Stuck { component, why: UNASKED.to_owned() },
            None => Event::RolledBack { component, results },
            Some(why) => Event::Stuck { component, why },
        }])
    }
}
