//! The faults in force.
//!
//! Every fault counts every call that it matches, also when another fault strikes; the first that is due strikes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    armed::{Armed, FaultTarget},
    fault::Fault,
};

/// The faults in force.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FaultPlan {
    armed: Vec<Armed>,
    #[serde(default)]
    added: u64,
}

/// The fault that strikes a call.
#[derive(Debug, Clone)]
pub(crate) struct Struck {
    pub(crate) fault: Fault,
    id: u64,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.added += 1;
        self.armed.push(Armed::new(fault, self.added));
    }

    /// Lets the time of faults begin that were added since the last step.
    pub(crate) fn date(&mut self, now: Timestamp) {
        self.armed.iter_mut().for_each(|armed| armed.date(now));
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// The faults with how often each was seen and struck.
    pub(crate) fn shown(&self) -> Value {
        self.armed.iter().map(Armed::show).collect()
    }

    /// Counts the call, and says which fault strikes it.
    pub(crate) fn strike(&mut self, target: &FaultTarget<'_>) -> Option<Struck> {
        let mut striking = None;
        for armed in self.armed.iter_mut().filter(|armed| armed.matches(target)) {
            if armed.sees(target) && striking.is_none() {
                striking = Some(Struck { fault: armed.strikes(), id: armed.id });
            }
        }
        striking
    }

    /// Keeps an answer for the faults that may answer so again.
    pub(crate) fn remember(&mut self, target: &FaultTarget<'_>, question: &str, answer: &Value) {
        for armed in self.armed.iter_mut().filter(|armed| armed.matches(target)) {
            armed.remember(question, target.at, answer);
        }
    }

    /// What was answered to the question before.
    pub(crate) fn recall(&self, struck: &Struck, question: &str, at: Timestamp) -> Option<Value> {
        self.armed.iter().find(|armed| armed.id == struck.id)?.recall(question, at)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::faults::{Bucket, FaultKind};

    fn target<'a>(operation: &'a str, access_key: &'a str, second: i64) -> FaultTarget<'a> {
        let at = Timestamp::from_second(second).unwrap();
        FaultTarget { service: "ecs", operation, account: "111111111111", region: "us-west-2", access_key, at }
    }

    /// Which of the calls of `operation`, by the key and at the second, are struck.
    fn strikes(fault: Fault, calls: &[(&str, &str, i64)]) -> Vec<bool> {
        let mut plan = FaultPlan::default();
        plan.add(fault);
        plan.date(Timestamp::UNIX_EPOCH);
        calls.iter().map(|(operation, key, second)| plan.strike(&target(operation, key, *second)).is_some()).collect()
    }

    /// Which of the calls at these seconds are struck.
    fn check(fault: Fault, seconds: &[i64], expected: &[i64]) {
        let calls: Vec<_> = seconds.iter().map(|second| ("A", "key", *second)).collect();
        let struck = strikes(fault, &calls).into_iter().zip(seconds).filter(|(struck, _)| *struck);
        assert_eq!(struck.map(|(_, second)| *second).collect::<Vec<_>>(), expected);
    }

    fn throttle() -> Fault {
        Fault::new("*", FaultKind::Throttle)
    }

    #[test]
    fn a_fault_strikes_the_calls_it_names() {
        let fault = Fault { on: vec![1, 3], ..Fault::new("A", FaultKind::Throttle) };
        let calls = ["A", "B", "A", "A", "A"].map(|operation| (operation, "key", 0));
        assert_eq!(strikes(fault, &calls), [true, false, false, true, false]);
    }

    #[test]
    fn a_count_ends_a_fault() {
        check(Fault { count: Some(2), ..throttle() }, &[1, 2, 3], &[1, 2]);
    }

    #[test]
    fn a_fault_may_be_for_one_account() {
        check(Fault { account: Some("333333333333".to_owned()), ..throttle() }, &[1], &[]);
    }

    #[test]
    fn a_fault_may_begin_and_end_by_count_and_by_time() {
        check(Fault { from: Some(3), ..throttle() }, &[1, 2, 3, 4], &[3, 4]);
        check(Fault { after: Some(10.0), ..throttle() }, &[9, 10, 11], &[10, 11]);
        check(Fault { until: Some(10.0), ..throttle() }, &[9, 10, 11], &[9]);
    }

    #[test]
    fn a_bucket_lets_a_burst_pass_and_then_so_many_a_second() {
        let bucket = Some(Bucket { size: 2, per_second: 0.5 });
        check(Fault { bucket, ..throttle() }, &[0, 0, 0, 1, 2, 3, 4, 100, 100, 100], &[0, 1, 3, 100]);
    }

    #[test]
    fn credentials_that_come_after_the_expired_ones_are_good() {
        let fault = Fault { from: Some(2), ..Fault::new("*", FaultKind::ExpiredCredentials) };
        let calls = ["old", "old", "new", "old", "new"].map(|key| ("A", key, 0));
        assert_eq!(strikes(fault, &calls), [false, true, false, true, false]);
    }

    #[test]
    fn a_stale_answer_is_an_earlier_one_to_the_same_question() {
        let check = |behind: Option<f64>, expected: Option<Value>| {
            let mut plan = FaultPlan::default();
            plan.add(Fault { behind, ..Fault::new("A", FaultKind::Stale) });
            for second in [10, 20, 30] {
                plan.remember(&target("A", "key", second), "q", &json!(second));
            }
            let now = target("A", "key", 40);
            let struck = plan.strike(&now).unwrap();
            assert_eq!(plan.recall(&struck, "q", now.at), expected, "{behind:?}");
            assert_eq!(plan.recall(&struck, "other", now.at), None);
        };
        check(None, Some(json!(10)));
        check(Some(0.0), Some(json!(30)));
        check(Some(15.0), Some(json!(20)));
        check(Some(500.0), Some(json!(10)));
    }
}
