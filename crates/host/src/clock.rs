//! The Clock port on the system's clock.
//!
//! The wall clock is read once; from then on time is what has passed since, so that a clock that is set back does not
//! take the process with it. It does not follow corrections of the wall clock, nor the time a machine sleeps: leases
//! are measured by the store's time for that reason.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use towpath_core::ports::Clock;

/// The system's time, never going backwards.
#[derive(Debug, Clone)]
pub struct SystemClock {
    wall: Timestamp,
    begun: Instant,
}

impl SystemClock {
    /// A clock that agrees with the wall clock now.
    pub fn new() -> Self {
        Self { wall: Timestamp::now(), begun: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.begun.elapsed()).unwrap_or(SignedDuration::MAX);
        self.wall.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn deadline(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_begins_at_the_wall_clock_and_does_not_go_back() {
        let before = Timestamp::now();
        let clock = SystemClock::new();
        let readings: Vec<Timestamp> = (0..1000).map(|_| clock.now()).collect();
        assert!(readings[0] >= before);
        assert!(readings.is_sorted());
    }

    #[tokio::test(start_paused = true)]
    async fn sleeping_and_deadlines_take_as_long_as_asked() {
        let clock = SystemClock::new();
        let begun = tokio::time::Instant::now();
        clock.sleep(Duration::from_secs(30)).await;
        clock.deadline(Duration::from_secs(12)).await;
        assert_eq!(begun.elapsed().as_secs(), 42);
    }
}
