//! How far files of a site have come: heard of the port, told to whoever watches.
//!
//! It never decides anything but whether a wave still gets on.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    identifier::ComponentName,
    ports::{Clock, Progress},
    site::SiteObject,
};

use super::super::notice::{Notice, Observer};

/// How often it is told at most. Whoever reads logs thins it out further.
const EVERY: Duration = Duration::from_secs(1);

/// An amount of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Amount {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// How far waves of one site have come.
pub(super) struct Tally<'a> {
    component: ComponentName,
    observer: &'a dyn Observer,
    clock: &'a dyn Clock,
    all: Amount,
    files: AtomicU64,
    bytes: AtomicU64,
    /// When it was told last, or begun.
    told: Mutex<Timestamp>,
}

impl<'a> Tally<'a> {
    /// Nothing has come yet of all that.
    pub(super) fn new(
        component: &ComponentName,
        all: Amount,
        (observer, clock): (&'a dyn Observer, &'a dyn Clock),
    ) -> Self {
        let told = Mutex::new(clock.now());
        let (files, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { component: component.clone(), observer, clock, all, files, bytes, told }
    }

    /// How far they have come.
    pub(super) fn now(&self) -> Amount {
        Amount { files: self.files.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }

    fn tell(&self) {
        if !self.is_due() {
            return;
        }
        let (now, all) = (self.now(), self.all);
        self.observer.notice(Notice::Carried {
            component: self.component.clone(),
            files: now.files.min(all.files),
            of_files: all.files,
            bytes: now.bytes.min(all.bytes),
            of_bytes: all.bytes,
        });
    }

    fn is_due(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let is_due = now >= *told + EVERY;
        if is_due {
            *told = now;
        }
        is_due
    }
}

impl Progress for Tally<'_> {
    fn sent(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.tell();
    }

    fn finished(&self, _: &SiteObject) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }
}
