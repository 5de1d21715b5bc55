//! The checks that were made: a line for each, and how many passed and failed.

use anyhow::Error;

use crate::say;

/// How many checks passed and failed.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
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

    /// The last line.
    pub(super) fn closing(&self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed)
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
}
