//! Effect Update for sites: visitors get the release afterwards, and nothing else of it than what is whole.
//!
//! Documents come after what they refer to, the marker after all of them. Whoever else has written the marker meanwhile
//! is never written over.

use std::sync::PoisonError;

use crate::{
    identifier::ComponentName,
    ports::{BucketError, Carried, PutMarker},
    promotion::{Event, Failure, FailureKind, Switch},
    site::{Extent, Home, InvalidationReference, Marker, Publication, Wave},
};

use super::super::run::{Halt, Run};
use super::{
    carry::{self, Load, plus},
    work::Work,
};

const TAKEN_BACK: &str = "a run before this one has put back what was live, and could not write down why";

/// Why the files of a site are not all written.
pub(super) enum Unwritten {
    /// They may be a little later.
    Later(String),
    ForGood(Failure),
    /// Somebody else has published.
    Replaced(String),
}

impl Run<'_> {
    /// Switches a site to the release.
    pub(in super::super) async fn switch(&mut self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        // Nothing is changed before what led to it is written.
        self.journal.settle(&*self.world.store).await?;
        self.renew_lease().await?;
        self.may_begin()?;
        let (home, component) = (self.site(name)?.home.clone(), name.clone());
        let plan = self.site_state(name)?.plan.clone();
        let work = match self.work_of(name).await? {
            Ok(work) => work,
            Err(failure) => {
                let failure = Failure { kind: FailureKind::Switch, ..failure };
                return Ok(vec![Event::Failed { component, failure, end: None, results: Vec::new() }]);
            }
        };
        self.asked_for.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        let own = &self.journal.promotion.request.id;
        let is_done = work.is_switched_by(own);
        // A run before this one judged the release, put back what was live, and could not write that down.
        if !is_done && work.marker.as_ref().is_some_and(|marker| marker.live.promotion == *own) {
            let failure = Failure::new(FailureKind::Switch, TAKEN_BACK);
            return Ok(vec![Event::Failed { component, failure, end: None, results: Vec::new() }]);
        }
        if !is_done && work.state != plan.expected() && !work.is_unreadable() {
            return Ok(vec![Event::Replaced { component, by: publisher(work.marker.as_ref()) }]);
        }
        let written = if is_done { Ok(Carried::default()) } else { self.write_visible(name, &work, &home).await? };
        match written {
            Ok(carried) => {
                let promotion = &self.journal.promotion.request.id;
                let is_in_doubt = is_done || work.is_in_doubt;
                let reference = if is_in_doubt { InvalidationReference::of_all } else { InvalidationReference::of };
                let reference = reference(promotion, name);
                let invalidation = self.invalidate(name, &work, &reference, is_in_doubt).await?;
                let files = u32::try_from(carried.objects).unwrap_or(u32::MAX);
                let switch = Switch { files, bytes: carried.bytes, invalidation };
                self.sites.insert(name.clone(), work);
                Ok(vec![Event::Switched { component, switch }])
            }
            Err(Unwritten::Later(why)) => self.later(why).await,
            Err(Unwritten::Replaced(by)) => Ok(vec![Event::Replaced { component, by }]),
            Err(Unwritten::ForGood(failure)) => {
                Ok(vec![Event::Failed { component, failure, end: None, results: Vec::new() }])
            }
        }
    }

    async fn write_visible(
        &mut self,
        name: &ComponentName,
        work: &Work,
        home: &Home,
    ) -> Result<Result<Carried, Unwritten>, Halt> {
        let waves: Vec<&Wave> = work.plan.seen().collect();
        self.write(name, work, home, &waves).await
    }

    /// Writes these waves, then the marker.
    pub(super) async fn write(
        &mut self,
        name: &ComponentName,
        work: &Work,
        home: &Home,
        waves: &[&Wave],
    ) -> Result<Result<Carried, Unwritten>, Halt> {
        let runtime = std::iter::once(Load::runtime(work, home));
        let loads: Vec<Load> = runtime.chain(waves.iter().map(|wave| Load::of(wave, work, home))).collect();
        let (mut carried, tally) = (Carried::default(), self.tally(name, &loads));
        for load in loads {
            match self.carry(&load, &tally).await? {
                Ok(more) => carried = plus(carried, more),
                Err(missed) if carry::is_passing(&missed) => {
                    return Ok(Err(Unwritten::Later(format!("{name}: {}", carry::words(&missed)))));
                }
                Err(missed) => return Ok(Err(Unwritten::ForGood(carry::failed(FailureKind::Switch, &missed)))),
            }
        }
        Ok(self.write_marker(name, work, home).await?.map(|()| carried))
    }

    async fn write_marker(
        &mut self,
        name: &ComponentName,
        work: &Work,
        home: &Home,
    ) -> Result<Result<(), Unwritten>, Halt> {
        self.may_begin()?;
        let manifest = work.next.digest().clone();
        let Some(release) = self.version_of(&manifest, work.marker.as_ref()) else {
            let message = format!("the release that {} is of is not known", manifest.short());
            return Ok(Err(Unwritten::ForGood(Failure::new(FailureKind::Switch, message))));
        };
        let live = Publication {
            manifest,
            extent: Extent::Whole,
            release,
            promotion: self.journal.promotion.request.id.clone(),
            at: self.world.clock.now(),
            runtime: work.runtime.as_ref().map(|(file, _)| file.clone()),
        };
        let marker = Marker::after(&work.plan, self.site_owner(name), live, &work.past, &work.aside);
        let put = PutMarker { bytes: marker.to_json().into(), expected: work.state.clone() };
        let bucket = &self.site_ports()?.bucket;
        match self.bounded("s3:PutObject", bucket.put_marker(home, &put)).await {
            Ok(_) => Ok(Ok(())),
            Err(BucketError::MarkerChanged(_)) => {
                let found = self.bounded("s3:GetObject", bucket.marker(home)).await;
                let found = found.ok().flatten();
                let found = found.and_then(|found| Marker::from_json(&found.bytes, &self.site_owner(name)).ok());
                self.trouble(format!(
                    "{name}: somebody else has published meanwhile, and files of both may be live: let them publish again"
                ));
                Ok(Err(Unwritten::Replaced(publisher(found.as_ref()))))
            }
            Err(error) if error.is_passing() => Ok(Err(Unwritten::Later(format!("{name}: {error}")))),
            Err(error) => {
                Ok(Err(Unwritten::ForGood(Failure::new(FailureKind::Switch, format!("the marker: {error}")))))
            }
        }
    }
}

/// Who has published, as the marker says.
pub(super) fn publisher(marker: Option<&Marker>) -> String {
    marker.map_or_else(
        || "somebody who left no marker".to_owned(),
        |marker| format!("promotion {} of {}", marker.live.promotion, marker.live.release),
    )
}
