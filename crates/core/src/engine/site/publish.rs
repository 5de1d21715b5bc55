//! Effect Publish for sites: everything is in the bucket afterwards that no visitor sees yet.

use crate::{
    identifier::ComponentName,
    ledger::Sites,
    ports::{Carried, FileBytes},
    promotion::{Event, Failure, FailureKind},
    site::{Manifest, Pack, SiteDigest, packed},
};

use super::super::run::{Halt, Run, failure};
use super::{
    carry::{self, Load, plus},
    work::{Source, Trouble, Wanted, Work, told},
};

impl Run<'_> {
    /// Publishes a site. It may be repeated.
    pub(in super::super) async fn publish_site(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let home = self.site(name)?.home.clone();
        let work = match self.work_of(name).await? {
            Ok(work) => work,
            Err(why) => return Ok(vec![failed(name, why)]),
        };
        // Whatever comes of it, something may have been written: what is known is not known any more.
        let result = self.publish_work(name, &work, &home).await;
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
        work: &Work,
        home: &crate::site::Home,
    ) -> Result<Result<Carried, Missing>, Halt> {
        if let Err(why) = self.keep_pack(work).await {
            return Ok(Err(why));
        }
        let mut loads = Vec::new();
        if !work.plan.aside.is_empty() {
            match self.live_manifest(work).await {
                Ok(Some(live)) => loads.push(Load::aside(&work.plan.aside, &live, home)),
                Ok(None) => {}
                Err(why) => return Ok(Err(missing(why))),
            }
        }
        loads.extend(work.plan.unseen().map(|wave| Load::of(wave, work, home)));
        let mut carried = Carried::default();
        for load in loads {
            match self.carry(&load).await? {
                Ok(more) => carried = plus(carried, more),
                Err(missed) if carry::is_passing(&missed) => {
                    return Ok(Err(Missing::Later(format!("{name}: {}", carry::words(&missed)))));
                }
                Err(missed) => return Ok(Err(Missing::ForGood(carry::failed(FailureKind::Publishing, &missed)))),
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

    async fn live_manifest(&self, work: &Work) -> Result<Option<Manifest>, Trouble> {
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
        if work.pack.is_whole(&work.next) {
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
