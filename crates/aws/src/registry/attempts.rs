//! Whether something is asked of a registry again, and after how long a pause.
//!
//! All that is asked of a registry may be asked twice: what it keeps is named by its content.

use std::time::Duration;

use tokio::time::Instant;
use towpath_core::ports::CallError;

use crate::{Patience, call::jitter};

use super::answer::Failed;

const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The failures in a row so far.
pub(super) struct Attempts<'a> {
    patience: &'a Patience,
    failures: u32,
    since: Option<Instant>,
    was_renewed: bool,
}

impl<'a> Attempts<'a> {
    /// None yet.
    pub(super) fn new(patience: &'a Patience) -> Self {
        Self { patience, failures: 0, since: None, was_renewed: false }
    }

    /// The pause before the next attempt, or `None` where this failure stands.
    pub(super) fn after(&mut self, failed: &Failed) -> Option<Duration> {
        if failed.is_of_login && !std::mem::replace(&mut self.was_renewed, true) {
            // It was thrown away; a new one is tried once.
            return Some(Duration::ZERO);
        }
        if !may_pass(&failed.error) {
            return None;
        }
        self.failures += 1;
        let spent = self.since.get_or_insert_with(Instant::now).elapsed();
        let pause = self.longest().mul_f64(0.5 + jitter() / 2.0).max(failed.wait.unwrap_or_default());
        let is_in_time = spent + pause <= self.patience.resend_for;
        (self.failures < self.patience.throttled_attempts && is_in_time).then_some(pause)
    }

    /// Something has come through: the next failure is a first one.
    pub(super) fn progress(&mut self) {
        (self.failures, self.since) = (0, None);
    }

    fn longest(&self) -> Duration {
        let doublings = (self.failures - 1).min(16);
        self.patience.first_pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
    }
}

/// Unlike elsewhere, what is ambiguous is tried again too.
fn may_pass(error: &CallError) -> bool {
    error.is_passing() || error.is_ambiguous()
}

#[cfg(test)]
mod tests {
    use towpath_core::ports::Fault;

    use super::*;

    fn failed(fault: &Fault, wait: Option<Duration>) -> Failed {
        let error =
            CallError { operation: "ecr:X".to_owned(), fault: fault.clone(), code: None, message: String::new() };
        let is_of_login = *fault == Fault::Unauthenticated;
        Failed { error, wait, is_of_login }
    }

    fn attempts(fault: &Fault) -> u32 {
        let patience = Patience { resend_for: Duration::from_secs(10_000), ..Patience::default() };
        let (mut attempts, failed) = (Attempts::new(&patience), failed(fault, None));
        let mut made = 1;
        while attempts.after(&failed).is_some() {
            made += 1;
        }
        made
    }

    #[test]
    fn what_may_pass_is_tried_again_and_a_login_is_renewed_once() {
        assert_eq!(attempts(&Fault::Throttled), 10);
        assert_eq!(attempts(&Fault::Ambiguous), 10);
        assert_eq!(attempts(&Fault::NotSent), 10);
        assert_eq!(attempts(&Fault::Unauthenticated), 2);
        assert_eq!(attempts(&Fault::Rejected), 1);
        assert_eq!(attempts(&Fault::NotFound), 1);
    }

    #[test]
    fn what_the_registry_asks_for_is_waited_for() {
        let patience = Patience::default();
        let mut attempts = Attempts::new(&patience);
        let wait = Some(Duration::from_secs(7));
        assert_eq!(attempts.after(&failed(&Fault::Throttled, wait)), wait);
        assert_eq!(attempts.after(&failed(&Fault::Throttled, Some(Duration::from_mins(9)))), None);
    }
}
