//! The simulator's time: real, scaled or moved by explicit steps.
//!
//! It never goes back, and it stops at the last instant that can be written instead of overflowing.
//! It wakes nobody: whoever wants things to happen steps the world.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

/// How simulated time passes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// So many simulated seconds pass in a real one; 1.0 is real time.
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
                let elapsed = Duration::try_from_secs_f64(elapsed).unwrap_or_default();
                later(self.base, elapsed)
            }
        }
    }

    /// Moves the clock forward by `step`, whatever its pace.
    pub fn advance(&mut self, step: Duration) {
        self.base = later(self.now(), step);
        self.anchor = Instant::now();
    }

    /// How time passes.
    pub fn pace(&self) -> Pace {
        self.pace
    }
}

/// `instant` and `step` later, or the end of time.
fn later(instant: Timestamp, step: Duration) -> Timestamp {
    instant.checked_add(step).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_stepped_clock_stands_still_until_it_is_advanced() {
        let mut clock = SimClock::new(START, Pace::Stepped);
        assert_eq!(clock.now(), START);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().as_second(), 90);
    }

    #[test]
    fn a_scaled_clock_can_be_advanced_too() {
        let mut clock = SimClock::new(START, Pace::Scaled(1.0));
        clock.advance(Duration::from_hours(1));
        assert!(clock.now().as_second() >= 3600);
    }

    #[test]
    fn no_step_is_too_long() {
        let mut clock = SimClock::new(START, Pace::Stepped);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_pace_that_is_no_number_stands_still() {
        let clock = SimClock::new(START, Pace::Scaled(f64::NAN));
        assert_eq!(clock.now(), START);
    }
}
