//! Time as fast as the simulator's, so that what is waited for and what happens go together.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use towpath_core::ports::Clock;

/// A clock on which so many seconds pass in a real one. Calls still get as long as they really may take.
#[derive(Debug, Clone)]
pub(super) struct ScaledClock {
    base: Timestamp,
    anchor: Instant,
    pace: f64,
}

impl ScaledClock {
    /// A clock that shows `now` now.
    pub(super) fn new(now: Timestamp, pace: f64) -> Self {
        Self { base: now, anchor: Instant::now(), pace }
    }
}

#[async_trait]
impl Clock for ScaledClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.anchor.elapsed().mul_f64(self.pace));
        self.base.saturating_add(passed.unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.pace)).await;
    }

    async fn deadline(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
