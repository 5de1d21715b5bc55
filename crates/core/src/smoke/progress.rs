//! A smoke check over time: successes in a row until it has passed, mismatches until its deadline.
//!
//! One failed attempt never fails a check (a load balancer cuts over), and one success never passes it where more are
//! wanted (an old task may still drain). It neither asks nor waits: times and judgements come in.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Check, Judgement};

/// A check that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    wanted: u32,
    interval: Duration,
    deadline: Duration,
    in_a_row: u32,
    result: CheckResult,
}

/// What to do after an attempt.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a check that nobody ends goes on for ever"]
pub enum Step {
    /// Ask again.
    Again {
        /// After this long.
        after: Duration,
    },
    /// It has passed.
    Passed,
    /// It has failed.
    Failed {
        /// How.
        summary: Summary,
    },
}

/// How a check failed, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Summary {
    /// How many attempts there were.
    pub attempts: u32,
    /// How many of them succeeded.
    pub successes: u32,
    /// How many successes in a row were wanted.
    pub wanted: u32,
    /// How long it was tried.
    pub waited: Duration,
    /// What the last attempt amounted to.
    pub last: Judgement,
}

/// What the record keeps of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CheckResult {
    /// The address that was asked.
    pub url: String,
    /// How it ended, or that it goes on.
    pub outcome: CheckOutcome,
    /// When it began.
    pub started: Timestamp,
    /// When the last attempt was judged.
    pub last_attempt: Option<Timestamp>,
    /// When an attempt first succeeded.
    pub first_success: Option<Timestamp>,
    /// How many attempts there were.
    pub attempts: u32,
    /// How many of them succeeded.
    pub successes: u32,
    /// What the last attempt amounted to.
    pub last: Option<Judgement>,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    /// It has not ended: asked no further, or not yet.
    Unfinished,
    /// As many successes in a row as wanted.
    Passed,
    /// The deadline passed on a mismatch.
    Failed,
}

impl Progress {
    /// A check that begins now.
    pub fn new(check: &Check, started: Timestamp) -> Self {
        Self {
            wanted: check.consecutive.max(1),
            interval: check.interval,
            deadline: check.deadline,
            in_a_row: 0,
            result: CheckResult {
                url: check.url.clone(),
                outcome: CheckOutcome::Unfinished,
                started,
                last_attempt: None,
                first_success: None,
                attempts: 0,
                successes: 0,
                last: None,
            },
        }
    }

    /// Takes in the judgement of an attempt that ended at `at`.
    ///
    /// A success is never failed by the deadline: successes in a row that began before it may be completed, which takes
    /// at most the wanted number of attempts. After the end nothing changes any more.
    pub fn record(&mut self, at: Timestamp, judgement: Judgement) -> Step {
        if self.result.outcome == CheckOutcome::Unfinished {
            self.count(at, judgement);
            self.result.outcome = self.outcome(at);
        }
        self.step(at)
    }

    /// What the record keeps.
    pub fn result(&self) -> &CheckResult {
        &self.result
    }

    fn count(&mut self, at: Timestamp, judgement: Judgement) {
        self.result.attempts = self.result.attempts.saturating_add(1);
        self.result.last_attempt = Some(at);
        match judgement {
            Judgement::Passed => {
                self.in_a_row = self.in_a_row.saturating_add(1);
                self.result.successes = self.result.successes.saturating_add(1);
                self.result.first_success = self.result.first_success.or(Some(at));
            }
            Judgement::Mismatch { .. } | Judgement::Unreachable { .. } => self.in_a_row = 0,
        }
        self.result.last = Some(judgement);
    }

    fn outcome(&self, at: Timestamp) -> CheckOutcome {
        match self.in_a_row {
            successes if successes >= self.wanted => CheckOutcome::Passed,
            0 if self.waited(at) >= self.deadline => CheckOutcome::Failed,
            _ => CheckOutcome::Unfinished,
        }
    }

    fn step(&self, at: Timestamp) -> Step {
        match (self.result.outcome, &self.result.last) {
            (CheckOutcome::Passed, _) => Step::Passed,
            (CheckOutcome::Failed, Some(last)) => Step::Failed { summary: self.summary(last.clone()) },
            (CheckOutcome::Unfinished | CheckOutcome::Failed, _) => Step::Again { after: self.pause(at) },
        }
    }

    /// The interval, or less so that the last attempt is at the deadline; never nothing after it.
    fn pause(&self, at: Timestamp) -> Duration {
        match self.deadline.saturating_sub(self.waited(at)) {
            Duration::ZERO => self.interval,
            left => self.interval.min(left),
        }
    }

    fn summary(&self, last: Judgement) -> Summary {
        Summary {
            attempts: self.result.attempts,
            successes: self.result.successes,
            wanted: self.wanted,
            waited: self.result.last_attempt.map_or(Duration::ZERO, |at| self.waited(at)),
            last,
        }
    }

    /// How long it has been tried; nothing where the clock went back.
    fn waited(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.result.started)).unwrap_or_default()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, successes, wanted, waited, last } = self;
        write!(
            formatter,
            "{successes} of {attempts} attempts succeeded in {} s, and {wanted} in a row were wanted; the last one: {last}",
            waited.as_secs()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;
    use proptest::prelude::*;
    use serde_json::json;

    use crate::smoke::{
        Attempt, Stage,
        check::examples::{answer, check as example},
        judge,
    };

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    /// Plays attempts, the last one again and again, at the pace that the progress asks for.
    fn play(check: &Check, attempts: &[Attempt]) -> (Step, CheckResult) {
        let mut progress = Progress::new(check, at(0));
        let mut now = at(0);
        for attempt in attempts.iter().chain(std::iter::repeat(&attempts[attempts.len() - 1])).take(1000) {
            match progress.record(now, judge(check, attempt)) {
                Step::Again { after } => now += SignedDuration::try_from(after).unwrap(),
                end @ (Step::Passed | Step::Failed { .. }) => {
                    return (end, progress.result().clone());
                }
            }
        }
        panic!("it goes on for ever: {progress:?}");
    }

    fn versioned() -> Check {
        Check { json: BTreeMap::from([("version".to_owned(), json!("2"))]), ..example() }
    }

    fn version(version: &str) -> Attempt {
        answer(200, &[], &json!({ "version": version }).to_string())
    }

    #[test]
    fn the_old_version_is_not_yet_the_new_one() {
        let (step, result) = play(&versioned(), &[version("1"), version("2"), version("1"), version("2")]);
        assert_eq!(step, Step::Passed);
        assert_eq!((result.attempts, result.successes), (6, 4));
        assert_eq!(result.first_success, Some(at(5)));
    }

    #[test]
    fn the_old_version_for_ever_is_a_failure() {
        let Step::Failed { summary } = play(&versioned(), &[version("1")]).0 else { panic!("it passed") };
        assert_eq!(
            summary.to_string(),
            "0 of 61 attempts succeeded in 300 s, and 3 in a row were wanted; \
             the last one: JSON member \"version\" is \"1\", expected \"2\""
        );
    }

    #[test]
    fn a_cut_over_of_the_load_balancer_is_no_failure() {
        let refused = Attempt::Unreachable { stage: Stage::Connect, reason: "refused".to_owned() };
        let balancer = answer(503, &[("server", "awselb/2.0")], "");
        let (step, result) =
            play(&example(), &[refused, balancer.clone(), balancer.clone(), balancer, answer(200, &[], "")]);
        assert_eq!((step, result.outcome), (Step::Passed, CheckOutcome::Passed));
        assert_eq!((result.attempts, result.successes), (7, 3));
    }

    #[test]
    fn what_is_always_200_and_never_right_fails() {
        let expected = Check { json: BTreeMap::from([("status".to_owned(), json!("ok"))]), ..example() };
        for attempt in [
            answer(200, &[], r#"{"status":"critical"}"#),
            answer(200, &[], "<html>"),
            answer(301, &[("location", "/login")], ""),
        ] {
            assert_eq!(play(&expected, &[attempt]).1.outcome, CheckOutcome::Failed);
        }
    }

    #[test]
    fn successes_in_a_row_may_be_completed_after_the_deadline() {
        let mut progress = Progress::new(&example(), at(0));
        assert_eq!(progress.record(at(298), Judgement::Passed), Step::Again { after: Duration::from_secs(2) });
        assert_eq!(progress.record(at(300), Judgement::Passed), Step::Again { after: Duration::from_secs(5) });
        assert_eq!(progress.clone().record(at(305), Judgement::Passed), Step::Passed);
        let mismatch = Judgement::Mismatch { differences: Vec::new() };
        assert!(matches!(progress.record(at(305), mismatch), Step::Failed { .. }));
    }

    #[test]
    fn after_the_end_nothing_changes() {
        let check = Check { consecutive: 0, ..example() };
        let mut progress = Progress::new(&check, at(0));
        assert_eq!(progress.record(at(1), Judgement::Passed), Step::Passed);
        let result = progress.result().clone();
        assert_eq!(progress.record(at(900), Judgement::Mismatch { differences: Vec::new() }), Step::Passed);
        assert_eq!(*progress.result(), result);
    }

    #[test]
    fn a_result_survives_being_kept() {
        let result = play(&versioned(), &[version("1")]).1;
        let json = serde_json::to_value(&result).unwrap();
        assert_eq!(json["outcome"], "failed");
        assert_eq!(serde_json::from_value::<CheckResult>(json).unwrap(), result);
    }

    proptest! {
        #[test]
        fn it_passes_exactly_on_that_many_in_a_row(passes in proptest::collection::vec(any::<bool>(), 1..60)) {
            let mut progress = Progress::new(&example(), at(0));
            for (index, pass) in passes.iter().enumerate() {
                let judgement = if *pass { Judgement::Passed } else { Judgement::Mismatch { differences: Vec::new() } };
                let step = progress.record(at(i64::try_from(index).unwrap()), judgement);
                let passed = passes[..=index].windows(3).any(|window| window.iter().all(|pass| *pass));
                prop_assert_eq!(step == Step::Passed, passed);
            }
        }
    }
}
