//! The simulator's time: real, scaled or moved by explicit steps.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// How simulated time passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// One simulated second lasts this many-th part of a real one; 1.0 is real time.
    Scaled(f64),
    /// Time stands still until somebody advances it.
    Stepped,
}

/// The simulator's clock.
#[derive(Debug, Clone)]
pub struct SimClock {
    pace: Pace,
    /// Simulated time at `anchor`.
    base: Timestamp,
    anchor: Instant,
}

impl SimClock {
    /// A clock that shows `start` now and goes on at `pace`.
    pub fn new(start: Timestamp, pace: Pace) -> Self {
        Self { pace, base: start, anchor: Instant::now() }
    }

    /// The simulated instant.
    pub fn now(&self) -> Timestamp {
        match self.pace {
            Pace::Stepped => self.base,
            Pace::Scaled(factor) => {
                let elapsed = self.anchor.elapsed().as_secs_f64() * factor;
                self.base + SignedDuration::from_secs_f64(elapsed)
            }
        }
    }

    /// Moves the clock forward by `step`, whatever its pace.
    pub fn advance(&mut self, step: Duration) {
        let now = self.now();
        self.base = now + step;
        self.anchor = Instant::now();
    }

    /// How time passes.
    pub fn pace(&self) -> Pace {
        self.pace
    }
}
