//! Carrying waves into the bucket, while the lease is looked after.

use std::{sync::Arc, time::Duration};

use futures_util::future::{Either, select};

use crate::{
    identifier::ComponentName,
    ports::{
        self, Bucket, CallError, Carried, Copy, Fault, MarkerState, Missed, SiteFiles, Upload, UploadSource, Waved,
    },
    promotion::{Event, Failure, FailureKind},
    site::{Aside, Change, Home, Manifest, ManifestFile, RuntimeFile, SiteObject, SitePath, Wave, Write},
};

use super::super::run::{CONTACT_LOST, Halt, Run, failure};
use super::{
    ports::NoFiles,
    tally::{Amount, Tally},
    work::{IsWritten, Source, Work},
};

/// How often the lease is looked after meanwhile.
const HEARTBEAT: Duration = Duration::from_mins(1);
/// After so many heartbeats without a byte or an object more a wave is given up. It is more than any one request takes:
/// a copy of 5 GiB inside of S3 says nothing on its way.
const STALLED: u32 = 15;
/// How long it is waited before a wave is tried again, at first and in the end.
const AGAIN: Duration = Duration::from_secs(3);
const AGAIN_AT_LAST: Duration = Duration::from_secs(30);

/// One wave, ready to be carried.
pub(super) struct Load {
    home: Home,
    uploads: Vec<Upload>,
    copies: Vec<Copy>,
    files: Arc<dyn SiteFiles>,
}

impl Load {
    /// A wave of the manifest that is to be live: from the pack, from the directory that has it, or from where it is
    /// kept.
    pub(super) fn of(wave: &Wave, work: &Work, home: &Home) -> Self {
        let next = &work.next;
        let is_at_hand = matches!(work.source, Source::Directory(_));
        let is_sent = |file: &ManifestFile| is_at_hand || work.pack.get(&file.sha256).is_some();
        let (sent, kept): (Vec<_>, Vec<_>) =
            wave.writes.iter().partition(|write| next.file(&write.path).is_none_or(is_sent));
        let sent = Wave { kind: wave.kind, writes: sent.into_iter().cloned().collect() };
        let source = |path: &SitePath, file: &ManifestFile| match work.pack.get(&file.sha256) {
            Some(bytes) => UploadSource::Bytes(bytes.clone()),
            None => UploadSource::File(path.clone()),
        };
        let copies = kept.into_iter().filter_map(|write| copy(write, work, home)).collect();
        let files: Arc<dyn SiteFiles> = match &work.source {
            Source::Directory(files) => Arc::clone(files),
            Source::Elsewhere(_) | Source::Here => Arc::new(NoFiles),
        };
        Self { home: home.clone(), uploads: sent.uploads(next, source), copies, files }
    }

    /// Large files that are about to be overwritten, to where they can be brought back from.
    pub(super) fn aside(asides: &[&Aside], live: &Manifest, home: &Home) -> Self {
        let copy = |aside: &&Aside| {
            let headers = live.file(&aside.path)?.headers.clone();
            let from = SiteObject::File(aside.path.clone());
            let to = SiteObject::Kept(aside.sha256.clone());
            Some(Copy { home: home.clone(), from, to, content: aside.content(), headers })
        };
        let copies = asides.iter().filter_map(copy).collect();
        Self { home: home.clone(), uploads: Vec::new(), copies, files: Arc::new(NoFiles) }
    }

    /// The runtime file, where it has to be written.
    pub(super) fn runtime(work: &Work, home: &Home) -> Self {
        let file = work.runtime.iter().filter(|(_, written)| *written == IsWritten::NotYet).map(|(file, _)| file);
        let upload = |file: &RuntimeFile| Upload {
            to: SiteObject::File(file.path.clone()),
            content: file.content(),
            headers: file.headers.clone(),
            source: UploadSource::Bytes(file.text.clone().into()),
        };
        Self { home: home.clone(), uploads: file.map(upload).collect(), copies: Vec::new(), files: Arc::new(NoFiles) }
    }

    /// How much it brings.
    fn amount(&self) -> Amount {
        let contents = self.copies.iter().map(|copy| &copy.content).chain(self.uploads.iter().map(|one| &one.content));
        contents.fold(Amount::default(), |all, content| Amount {
            files: all.files + 1,
            bytes: all.bytes.saturating_add(content.size),
        })
    }

    async fn carry(&self, bucket: &dyn Bucket, tally: &Tally<'_>) -> Waved {
        let mut carried = Carried::default();
        if !self.copies.is_empty() {
            carried = plus(carried, bucket.copy(&self.home, &self.copies, tally).await?);
        }
        if !self.uploads.is_empty() {
            carried = plus(carried, bucket.upload(&self.home, &self.uploads, &*self.files, tally).await?);
        }
        Ok(carried)
    }

    /// The wave that came to no end. What of it was written nobody knows.
    fn given_up(&self) -> Missed {
        let objects = self.copies.iter().map(|copy| &copy.to).chain(self.uploads.iter().map(|upload| &upload.to));
        let error = CallError {
            operation: "s3:PutObject".to_owned(),
            fault: Fault::Ambiguous,
            code: None,
            message: format!("nothing got on for {} minutes", u64::from(STALLED) * HEARTBEAT.as_secs() / 60),
        };
        let failure = |object: &SiteObject| ports::Failure { object: object.clone(), error: error.clone().into() };
        Missed { failures: objects.map(failure).collect(), not_begun: 0, carried: Carried::default() }
    }
}

impl<'a> Run<'a> {
    /// What tells how far these waves of a site have come, one after the other.
    pub(super) fn tally(&self, component: &ComponentName, loads: &[Load]) -> Tally<'a> {
        let all = loads.iter().map(Load::amount).fold(Amount::default(), |all, more| Amount {
            files: all.files + more.files,
            bytes: all.bytes.saturating_add(more.bytes),
        });
        Tally::new(component, all, (self.observer, &*self.world.clock))
    }

    /// Carries a wave. Nothing of a wave is begun once the run is asked to stop. One that never ends is given up.
    pub(super) async fn carry(&mut self, load: &Load, tally: &Tally<'_>) -> Result<Waved, Halt> {
        self.may_begin()?;
        let (bucket, clock) = (&*self.site_ports()?.bucket, &*self.world.clock);
        let mut carrying = Box::pin(load.carry(bucket, tally));
        let (mut before, mut still) = (tally.now(), 0);
        loop {
            match select(carrying, clock.deadline(HEARTBEAT)).await {
                Either::Left((waved, _)) => return Ok(waved),
                Either::Right(((), unfinished)) => carrying = unfinished,
            }
            let now = tally.now();
            still = if now == before { still + 1 } else { 0 };
            before = now;
            if still == STALLED {
                return Ok(Err(load.given_up()));
            }
            self.keep_lease().await?;
        }
    }
}

impl Run<'_> {
    /// Lets the effect be tried again, the later the longer nothing has happened, unless that is too long. A wave has
    /// tried again by itself already.
    pub(super) async fn later(&self, why: String) -> Result<Vec<Event>, Halt> {
        let now = self.world.clock.now();
        let elapsed = now.duration_since(self.journal.newest().unwrap_or(now));
        let elapsed = Duration::try_from(elapsed).unwrap_or_default();
        if elapsed >= CONTACT_LOST {
            return Err(Halt::Suspend(why));
        }
        self.trouble(why);
        self.wait((elapsed / 4).clamp(AGAIN, AGAIN_AT_LAST)).await?;
        Ok(Vec::new())
    }
}

/// A file that is copied inside of S3: from where the release is live or kept, from what was kept aside here, or, where
/// only its headers are other ones, onto itself.
fn copy(write: &Write, work: &Work, home: &Home) -> Option<Copy> {
    let file = work.next.file(&write.path)?;
    let (content, headers, to) = (file.content(), file.headers.clone(), SiteObject::File(write.path.clone()));
    let (home, from) = match &work.source {
        Source::Elsewhere(other) => (other, to.clone()),
        Source::Directory(_) | Source::Here if write.change == Change::Headers => (home, to.clone()),
        Source::Directory(_) | Source::Here => (home, SiteObject::Kept(file.sha256.clone())),
    };
    Some(Copy { home: home.clone(), from, to, content, headers })
}

pub(super) fn plus(one: Carried, other: Carried) -> Carried {
    Carried {
        objects: one.objects + other.objects,
        bytes: one.bytes.saturating_add(other.bytes),
        requests: one.requests.saturating_add(other.requests),
    }
}

/// Whether the same wave may be whole a little later.
pub(super) fn is_passing(missed: &Missed) -> bool {
    missed.failures.iter().all(|failure| failure.error.is_passing())
}

/// What a wave that is not whole amounts to, for people.
pub(super) fn words(missed: &Missed) -> String {
    let first = missed.failures.first().map(ToString::to_string).unwrap_or_default();
    format!("{missed}: {first}")
}

/// The failure that a wave amounts to that is not whole for good.
pub(super) fn failed(kind: FailureKind, missed: &Missed) -> Failure {
    let call = missed.failures.iter().find_map(|failure| failure.error.call());
    let told = call.map_or_else(|| Failure::new(kind, ""), |call| failure(kind, call));
    // Whoever was refused in the middle of a switch has begun it all the same.
    let kind = if kind == FailureKind::Switch { kind } else { told.kind };
    Failure { kind, message: words(missed), missing: told.missing }
}

/// The state of the marker as the journal keeps it.
pub(super) fn kept_state(state: &MarkerState) -> Option<String> {
    match state {
        MarkerState::Absent => None,
        MarkerState::Is(etag) => Some(etag.0.clone()),
    }
}
