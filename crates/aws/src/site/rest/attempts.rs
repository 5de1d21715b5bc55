//! Whether something is asked of S3 again, and after how long a pause.
//!
//! What is asked here may be asked twice: a file that is put again is the same file. Where a condition goes with a
//! request, whoever makes it looks at what a second answer means.

use std::time::{Duration, Instant};

use towpath_core::ports::Fault;

use crate::{Patience, call::jitter};

use super::failed::Failed;

const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// The failures of one request so far.
pub(in crate::site) struct Attempts<'a> {
    patience: &'a Patience,
    failures: u32,
    since: Option<Instant>,
    was_renewed: bool,
}

impl<'a> Attempts<'a> {
    /// None yet.
    pub(in crate::site) fn new(patience: &'a Patience) -> Self {
        Self { patience, failures: 0, since: None, was_renewed: false }
    }

    /// The pause before the next attempt, or `None` where this failure stands.
    pub(in crate::site) fn after(&mut self, failed: &Failed, now: Instant) -> Option<Duration> {
        let is_of_credentials = failed.error.fault == Fault::Unauthenticated && failed.status.is_some();
        if is_of_credentials && !std::mem::replace(&mut self.was_renewed, true) {
            // New ones, or the server's own time, are tried once.
            return Some(Duration::ZERO);
        }
        if !may_pass(failed) {
            return None;
        }
        self.failures += 1;
        let spent = now.saturating_duration_since(*self.since.get_or_insert(now));
        let pause = self.longest().mul_f64(0.5 + jitter() / 2.0).max(failed.wait.unwrap_or_default());
        let is_in_time = spent + pause <= self.patience.resend_for;
        (self.failures < self.patience.throttled_attempts && is_in_time).then_some(pause)
    }

    fn longest(&self) -> Duration {
        let doublings = (self.failures - 1).min(16);
        self.patience.first_pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
    }
}

fn may_pass(failed: &Failed) -> bool {
    let is_waiting = failed.is_coded("RequestTimeout") || failed.is_coded("OperationAborted");
    failed.error.is_passing() || failed.error.is_ambiguous() || is_waiting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::rest::failed::What;

    fn attempts(fault: &Fault, status: Option<u16>) -> u32 {
        let patience = Patience { resend_for: Duration::from_secs(10_000), ..Patience::default() };
        let failed = Failed { status, ..What::change("s3:PutObject").failed(fault.clone(), "") };
        let (mut attempts, now) = (Attempts::new(&patience), Instant::now());
        let mut made = 1;
        while attempts.after(&failed, now).is_some() {
            made += 1;
        }
        made
    }

    #[test]
    fn what_may_pass_is_tried_again_and_credentials_are_renewed_once() {
        assert_eq!(attempts(&Fault::Throttled, Some(503)), 10);
        assert_eq!(attempts(&Fault::Ambiguous, None), 10);
        assert_eq!(attempts(&Fault::NotSent, None), 10);
        assert_eq!(attempts(&Fault::Unauthenticated, Some(400)), 2);
        assert_eq!(attempts(&Fault::Unauthenticated, None), 1);
        assert_eq!(attempts(&Fault::Rejected, Some(412)), 1);
        assert_eq!(attempts(&Fault::NotFound, Some(404)), 1);
    }

    #[test]
    fn pauses_end_with_the_time() {
        let patience = Patience::default();
        let (mut attempts, now) = (Attempts::new(&patience), Instant::now());
        let failed = What::change("s3:PutObject").failed(Fault::Throttled, "");
        let pause = attempts.after(&failed, now).unwrap();
        assert!((0.5..=1.0).contains(&pause.as_secs_f64()), "{pause:?}");
        assert_eq!(attempts.after(&failed, now + patience.resend_for), None);
    }
}
