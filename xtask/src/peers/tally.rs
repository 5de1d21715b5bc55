//! The checks that were made: a line for each, and how many passed and failed.

use anyhow::Error;

use crate::say;

/// How many checks passed, failed, and could not be made.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    not_run: usize,
}

impl Tally {
    /// Tells how the check `name` of `peer` ended, and counts it.
    pub(super) fn note(&mut self, peer: &str, name: &str, problem: Option<&str>) {
        say(&self.counted(peer, name, problem));
    }

    fn counted(&mut self, peer: &str, name: &str, problem: Option<&str>) -> String {
        match problem {
            None => {
                self.passed += 1;
                format!("ok    {peer}: {name}")
            }
            Some(problem) => {
                self.failed += 1;
                format!("FAIL  {peer}: {name}: {problem}")
            }
        }
    }

    /// The same for a check that was made here.
    pub(super) fn note_result(&mut self, peer: &str, name: &str, result: Result<(), Error>) {
        let problem = result.err().map(|error| format!("{error:#}"));
        self.note(peer, name, problem.as_deref());
    }

    /// Tells that the check `name` of `peer` could not be made, and counts it apart: it did not pass.
    pub(super) fn note_missing(&mut self, peer: &str, name: &str, reason: &str) {
        say(&self.counted_missing(peer, name, reason));
    }

    fn counted_missing(&mut self, peer: &str, name: &str, reason: &str) -> String {
        self.not_run += 1;
        format!("----  {peer}: {name}: not run: {reason}")
    }

    /// The last line.
    pub(super) fn closing(&self) -> String {
        match self.not_run {
            0 => format!("{} passed, {} failed", self.passed, self.failed),
            not_run => format!("{} passed, {} failed, {not_run} not run", self.passed, self.failed),
        }
    }

    /// Whether something was checked, and nothing failed.
    pub(super) fn is_clean(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_counted_and_nothing_at_all_is_not_clean() {
        let mut tally = Tally::default();
        assert!(!tally.is_clean());
        let line = tally.counted("aws", "a rollout", None);
        assert_eq!(line, "ok    aws: a rollout");
        assert!(tally.is_clean());
        let line = tally.counted("aws", "a rollback", Some("it stayed PENDING"));
        assert_eq!(line, "FAIL  aws: a rollback: it stayed PENDING");
        assert!(!tally.is_clean());
        assert_eq!(tally.closing(), "1 passed, 1 failed");
    }

    #[test]
    fn a_check_that_could_not_be_made_is_no_success() {
        let mut tally = Tally::default();
        let line = tally.counted_missing("skopeo", "a copy", "it is not installed");
        assert_eq!(line, "----  skopeo: a copy: not run: it is not installed");
        assert!(!tally.is_clean());
        assert_eq!(tally.closing(), "0 passed, 0 failed, 1 not run");
    }
}
