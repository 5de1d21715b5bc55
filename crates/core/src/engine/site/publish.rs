//! Effect Publish for sites: everything is in the bucket afterwards that no visitor sees yet.

use std::sync::Arc;

use crate::{
    identifier::ComponentName,
    ledger::Sites,
    ports::{BucketError, Carried, FileBytes, Missed},
    promotion::{Event, Failure, FailureKind},
    site::{Aside, Home, Manifest, Pack, SiteDigest, packed},
};

use super::super::run::{Halt, Run, failure};
use super::{
    carry::{self, Load, plus},
    trouble::{Trouble, told},
    work::{Source, Wanted, Work},
};

impl Run<'_> {
    /// Publishes a site. It may be repeated.
    pub(in super::super) async fn publish_site(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let home = self.site(name)?.home.clone();
        let mut work = match self.work_of(name).await? {
            Ok(work) => work,
            Err(why) => return Ok(vec![failed(name, why)]),
        };
        // Whatever comes of it, something may have been written: what is known is not known any more.
        let result = self.publish_work(name, &mut work, &home).await;
        let event = match result? {
            Ok(carried) => {
                self.sites.insert(name.clone(), work);
                Event::Published { component: name.clone(), bytes: carried.bytes }
            }
            Err(Missing::Later(why)) => return self.later(why).await,
            Err(Missing::ForGood(failure)) => failed(name, failure),
        };
        Ok(vec![event])
    }

    async fn publish_work(
        &mut self,
        name: &ComponentName,
        work: &mut Work,
        home: &Home,
    ) -> Result<Result<Carried, Missing>, Halt> {
        if let Err(why) = self.keep_pack(work).await {
            return Ok(Err(why));
        }
        let mut carried = match self.keep_aside(name, work, home).await? {
            Ok(carried) => carried,
            Err(why) => return Ok(Err(why)),
        };
        let loads: Vec<Load> = work.plan.unseen().map(|wave| Load::of(wave, work, home)).collect();
        let tally = self.tally(name, &loads);
        for load in loads {
            match self.carry(&load, &tally).await? {
                Ok(more) => carried = plus(carried, more),
                Err(missed) => return Ok(Err(Missing::of(name, &missed))),
            }
        }
        Ok(Ok(carried))
    }

    /// Copies what is live, large and about to be overwritten to where it can be brought back from. What may have been
    /// overwritten before is copied where it was not.
    async fn keep_aside(
        &mut self,
        name: &ComponentName,
        work: &mut Work,
        home: &Home,
    ) -> Result<Result<Carried, Missing>, Halt> {
        let mut carried = Carried::default();
        if work.plan.aside.is_empty() {
            return Ok(Ok(carried));
        }
        let live = match self.live_manifest(work).await {
            Ok(Some(live)) => live,
            Ok(None) => return Ok(Ok(carried)),
            Err(why) => return Ok(Err(missing(why))),
        };
        let (certain, perhaps): (Vec<&Aside>, Vec<&Aside>) = work.plan.aside.iter().partition(|aside| aside.is_certain);
        let together = (!certain.is_empty()).then_some(certain);
        for asides in together.into_iter().chain(perhaps.into_iter().map(|aside| vec![aside])) {
            let load = Load::aside(&asides, &live, home);
            let tally = self.tally(name, std::slice::from_ref(&load));
            match self.carry(&load, &tally).await? {
                Ok(more) => {
                    carried = plus(carried, more);
                    work.aside.extend(asides.into_iter().map(|aside| aside.sha256.clone()));
                }
                Err(missed) if is_overwritten(&asides, &missed) => {
                    self.trouble(format!("{name}: a large file that was live is not there any more: {missed}"));
                }
                Err(missed) => return Ok(Err(Missing::of(name, &missed))),
            }
        }
        Ok(Ok(carried))
    }

    /// Takes the work as the check left it, or makes it anew where this run has none.
    pub(super) async fn work_of(&mut self, name: &ComponentName) -> Result<Result<Work, Failure>, Halt> {
        if let Some(work) = self.sites.remove(name) {
            return Ok(Ok(work));
        }
        let plan = self.site_state(name)?.plan.clone();
        let site = self.site(name)?;
        let made = async {
            let wanted = self.wanted_of(site, &plan.manifest, Vec::new())?;
            let wanted = Wanted { begun: self.begun(name, Some(&plan.manifest)).await?, ..wanted };
            let mut work = self.work(name, wanted).await?;
            work.source = self.source(name, &work).await?;
            Ok(work)
        };
        match made.await {
            Ok(work) => Ok(Ok(work)),
            Err(Trouble::Ledger(why)) => Err(Halt::Suspend(why)),
            Err(Trouble::Finding(finding)) => Ok(Err(Failure::new(FailureKind::Publishing, finding))),
            Err(Trouble::Call(error)) if error.is_passing() || error.is_ambiguous() => {
                Err(Halt::Suspend(error.to_string()))
            }
            Err(Trouble::Call(error)) => Ok(Err(failure(FailureKind::Publishing, &error))),
        }
    }

    pub(super) fn site_state(&self, name: &ComponentName) -> Result<&crate::promotion::Site, Halt> {
        let site = self.journal.promotion.sites.get(name);
        site.ok_or_else(|| Halt::Suspend(format!("`{name}` is no site of this promotion")))
    }

    async fn live_manifest(&self, work: &Work) -> Result<Option<Arc<Manifest>>, Trouble> {
        let live: Option<&SiteDigest> = work.marker.as_ref().map(|marker| &marker.live.manifest);
        match live {
            Some(live) => self.manifest(live).await,
            None => Ok(None),
        }
    }

    /// The small mutable files are kept beside the ledger before any of them can be overwritten.
    async fn keep_pack(&self, work: &Work) -> Result<(), Missing> {
        let Source::Directory(files) = &work.source else {
            return Ok(());
        };
        if work.is_packed {
            return Ok(());
        }
        let mut pack = Pack::default();
        for path in packed(&work.next) {
            let Some(file) = work.next.file(&path) else {
                continue;
            };
            let read = files.read(&path, &file.content()).await;
            let unreadable = |why: String| Missing::ForGood(Failure::new(FailureKind::Publishing, why));
            match read.map_err(|error| unreadable(error.to_string()))? {
                FileBytes::Whole(bytes) => pack.add(bytes),
                FileBytes::Pieces(_) => return Err(unreadable(format!("`{path}` did not come whole"))),
            }
        }
        let sites = Sites::new(&*self.world.store);
        sites.keep_pack(work.next.digest(), &pack).await.map_err(|error| Missing::Later(told(&error)))
    }
}

/// Why something is not published.
enum Missing {
    /// It may be a little later.
    Later(String),
    ForGood(Failure),
}

impl Missing {
    fn of(name: &ComponentName, missed: &Missed) -> Self {
        if carry::is_passing(missed) {
            return Self::Later(format!("{name}: {}", carry::words(missed)));
        }
        Self::ForGood(carry::failed(FailureKind::Publishing, missed))
    }
}

/// Whether what may have been overwritten was.
fn is_overwritten(asides: &[&Aside], missed: &Missed) -> bool {
    let is_other = |error: &BucketError| matches!(error, BucketError::Corrupted { .. } | BucketError::NoObject { .. });
    asides.iter().all(|aside| !aside.is_certain) && missed.failures.iter().all(|failure| is_other(&failure.error))
}

fn missing(trouble: Trouble) -> Missing {
    match trouble {
        Trouble::Finding(why) => Missing::ForGood(Failure::new(FailureKind::Publishing, why)),
        Trouble::Ledger(why) => Missing::Later(why),
        Trouble::Call(error) => Missing::Later(error.to_string()),
    }
}

fn failed(name: &ComponentName, failure: Failure) -> Event {
    Event::Failed { component: name.clone(), failure, end: None, results: Vec::new() }
}
