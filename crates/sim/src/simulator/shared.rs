//! The world between threads.
//!
//! One lock around everything: calls are short, and one order of events is worth more than speed here.
//! Only S3 is beside it, with locks of its own, since bodies are not short.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::{s3::S3, world::World};

/// The world, and the signal that lets hanging calls go on.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    storage: S3,
    released: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(world: World, storage: S3) -> Self {
        Self { world: Mutex::new(world), storage, released: watch::Sender::new(0) }
    }

    /// The simulated S3.
    pub(crate) fn storage(&self) -> &S3 {
        &self.storage
    }

    /// The simulated instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// The world, once nobody else has it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all faults, and lets the calls that hang go on.
    pub(crate) fn clear_faults(&self) {
        let mut world = self.world();
        world.estate.faults.clear();
        world.is_dirty = true;
        self.released.send_modify(|releases| *releases += 1);
    }

    /// Waits for faults to be cleared after this call.
    pub(crate) fn release(&self) -> watch::Receiver<u64> {
        self.released.subscribe()
    }
}
