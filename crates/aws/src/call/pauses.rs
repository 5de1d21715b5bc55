//! Whether a call is sent again, and after how long a pause.
//!
//! Only what proves that nothing was done is sent again. It sleeps nowhere itself.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::Duration,
};

use towpath_core::ports::{CallError, Fault};

use crate::Patience;

use super::Nature;

const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The attempts of one call so far.
pub(crate) struct Pauses<'a> {
    patience: &'a Patience,
    nature: Nature,
    throttled: u32,
    unsent: u32,
}

impl<'a> Pauses<'a> {
    /// No attempt yet.
    pub(crate) fn new(patience: &'a Patience, nature: Nature) -> Self {
        Self { patience, nature, throttled: 0, unsent: 0 }
    }

    /// The pause before the next attempt, or `None` where this failure stands. `spent` is the time since the first one.
    pub(crate) fn after(&mut self, error: &CallError, spent: Duration) -> Option<Duration> {
        let failures = match (&error.fault, self.nature) {
            (Fault::Throttled, _) => count(&mut self.throttled, self.patience.throttled_attempts),
            // The SDK sends reads again by itself.
            (Fault::NotSent, Nature::Change) => count(&mut self.unsent, self.patience.unsent_attempts),
            _ => None,
        }?;
        let pause = self.longest(failures).mul_f64(0.5 + jitter() / 2.0);
        (spent + pause <= self.patience.resend_for).then_some(pause)
    }

    fn longest(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.patience.first_pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
    }
}

fn count(failures: &mut u32, attempts: u32) -> Option<u32> {
    *failures += 1;
    (*failures < attempts).then_some(*failures)
}

/// A number from 0 to 1 that differs between machines and calls; nothing depends on its quality.
pub(crate) fn jitter() -> f64 {
    let random = RandomState::new().hash_one(0_u8);
    f64::from(u16::try_from(random & 0xffff).unwrap_or(0)) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: Fault) -> CallError {
        CallError { operation: "ecs:X".to_owned(), fault, code: None, message: String::new() }
    }

    fn attempts(fault: &Fault, nature: Nature) -> u32 {
        let patience = Patience::default();
        let mut pauses = Pauses::new(&patience, nature);
        let error = error(fault.clone());
        let mut attempts = 1;
        while pauses.after(&error, Duration::ZERO).is_some() {
            attempts += 1;
        }
        attempts
    }

    #[test]
    fn only_what_proves_that_nothing_was_done_is_sent_again() {
        assert_eq!(attempts(&Fault::Throttled, Nature::Change), 10);
        assert_eq!(attempts(&Fault::Throttled, Nature::Read), 10);
        assert_eq!(attempts(&Fault::NotSent, Nature::Change), 4);
        assert_eq!(attempts(&Fault::NotSent, Nature::Read), 1);
        for fault in [Fault::Ambiguous, Fault::Rejected, Fault::NotFound, Fault::Unauthenticated] {
            assert_eq!(attempts(&fault, Nature::Change), 1, "{fault:?}");
        }
    }

    #[test]
    fn pauses_grow_and_end_with_the_time() {
        let patience = Patience { first_pause: Duration::from_secs(1), ..Patience::default() };
        let mut pauses = Pauses::new(&patience, Nature::Change);
        let throttled = error(Fault::Throttled);
        let first = pauses.after(&throttled, Duration::ZERO).unwrap();
        assert!((0.5..=1.0).contains(&first.as_secs_f64()));
        let second = pauses.after(&throttled, Duration::ZERO).unwrap();
        assert!((1.0..=2.0).contains(&second.as_secs_f64()));
        assert_eq!(pauses.after(&throttled, patience.resend_for), None);
    }
}
