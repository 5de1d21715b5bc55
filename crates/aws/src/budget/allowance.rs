//! What one account and region may have: for each category a queue before a bucket.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::Mutex;
use towpath_core::ports::Clock;

use crate::call::jitter;

use super::{Category, Share, bucket::Bucket};

/// What the calls of one account and region wait for; its clones share it.
#[derive(Clone)]
pub(crate) struct Allowance(Option<Arc<Meters>>);

/// The meters of one account and region.
pub(super) struct Meters {
    clock: Arc<dyn Clock>,
    meters: BTreeMap<Category, Meter>,
}

/// One category's queue and counts.
pub(super) struct Meter {
    /// Whoever waits for a token holds it. Others queue for it in the order in which they came, and whoever gives up
    /// leaves the queue, or lets go of it, and has taken nothing.
    bucket: Mutex<Bucket>,
    /// Calls that went out without a token and are not subtracted yet.
    owed: AtomicU32,
    calls: AtomicU64,
    waited_millis: AtomicU64,
}

impl Allowance {
    /// For calls that nobody counts.
    pub(crate) fn free() -> Self {
        Self(None)
    }

    pub(super) fn of(meters: Arc<Meters>) -> Self {
        Self(Some(meters))
    }

    /// Returns when this call may go out.
    pub(crate) async fn take(&self, operation: &str) {
        if let Some((meters, meter)) = self.meter(operation) {
            meter.take(&*meters.clock).await;
        }
    }

    /// Counts calls that went out beside the one that waited: the SDK repeats reads by itself.
    pub(crate) fn owe(&self, operation: &str, calls: u32) {
        if let Some((_, meter)) = self.meter(operation) {
            meter.owe(calls);
        }
    }

    fn meter(&self, operation: &str) -> Option<(&Meters, &Meter)> {
        let meters = self.0.as_deref()?;
        Some((meters, meters.meters.get(&Category::of(operation)?)?))
    }
}

impl Meters {
    pub(super) fn new(share: Share, clock: Arc<dyn Clock>) -> Self {
        let meter = |category| Meter {
            bucket: Mutex::new(Bucket::full(category, share, clock.now())),
            owed: AtomicU32::new(0),
            calls: AtomicU64::new(0),
            waited_millis: AtomicU64::new(0),
        };
        let meters = Category::ALL.into_iter().map(|category| (category, meter(category))).collect();
        Self { clock, meters }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (Category, &Meter)> {
        self.meters.iter().map(|(category, meter)| (*category, meter))
    }
}

impl Meter {
    async fn take(&self, clock: &dyn Clock) {
        let came = clock.now();
        let mut bucket = self.bucket.lock().await;
        loop {
            bucket.owe(self.owed.swap(0, Ordering::Relaxed));
            match bucket.take(clock.now()) {
                Ok(()) => break,
                // Processes that began together would otherwise go on together.
                Err(wait) => clock.sleep(wait.mul_f64(1.0 + jitter() / 4.0)).await,
            }
        }
        let waited = clock.now().duration_since(came).as_millis();
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.waited_millis.fetch_add(u64::try_from(waited).unwrap_or(0), Ordering::Relaxed);
    }

    fn owe(&self, calls: u32) {
        self.owed.fetch_add(calls, Ordering::Relaxed);
        self.calls.fetch_add(u64::from(calls), Ordering::Relaxed);
    }

    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn waited(&self) -> Duration {
        Duration::from_millis(self.waited_millis.load(Ordering::Relaxed))
    }
}
