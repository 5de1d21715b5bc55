//! A fault in force: the calls that it has seen, and whether it is due for the next one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::fault::{Bucket, Fault, FaultKind};

/// As many earlier answers are known for stale ones.
const MOST_ANSWERS: usize = 500;

/// A fault in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Armed {
    pub(super) fault: Fault,
    /// What tells it from other faults.
    #[serde(default)]
    pub(super) id: u64,
    /// When it was first there for anybody to see.
    #[serde(default)]
    since: Option<Timestamp>,
    seen: u64,
    struck: u64,
    /// The tokens in its bucket, and since when.
    #[serde(default)]
    tokens: Option<(f64, Timestamp)>,
    /// The access keys that had been seen when it first struck.
    #[serde(default)]
    keys: BTreeSet<String>,
    /// What was answered to which question and when, oldest first.
    #[serde(default)]
    answers: Vec<(String, Timestamp, Value)>,
}

/// The call that a fault may strike.
pub(crate) struct FaultTarget<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) access_key: &'a str,
    pub(crate) at: Timestamp,
}

impl Armed {
    pub(super) fn new(fault: Fault, id: u64) -> Self {
        Self { fault, id, since: None, seen: 0, struck: 0, tokens: None, keys: BTreeSet::new(), answers: Vec::new() }
    }

    /// Its time begins, unless it has.
    pub(super) fn date(&mut self, now: Timestamp) {
        self.since.get_or_insert(now);
    }

    pub(super) fn show(&self) -> Value {
        json!({"fault": self.fault, "seen": self.seen, "struck": self.struck})
    }

    pub(super) fn matches(&self, target: &FaultTarget<'_>) -> bool {
        let fits = |wanted: &Option<String>, given: &str| wanted.as_ref().is_none_or(|wanted| wanted == given);
        let fault = &self.fault;
        (fault.operation == "*" || fault.operation == target.operation)
            && fits(&fault.service, target.service)
            && fits(&fault.account, target.account)
            && fits(&fault.region, target.region)
    }

    /// Counts a call that it matches, and says whether it is due for it.
    pub(super) fn sees(&mut self, target: &FaultTarget<'_>) -> bool {
        self.seen += 1;
        if self.struck == 0 {
            self.keys.insert(target.access_key.to_owned());
        }
        // A token is taken whether or not the call is struck for another reason.
        let is_empty = self.fault.bucket.is_none_or(|bucket| !self.takes_token(bucket, target.at));
        let is_known = self.fault.kind != FaultKind::ExpiredCredentials || self.keys.contains(target.access_key);
        is_empty && is_known && self.is_its_turn(target.at)
    }

    pub(super) fn strikes(&mut self) -> Fault {
        self.struck += 1;
        self.fault.clone()
    }

    fn is_its_turn(&self, at: Timestamp) -> bool {
        let fault = &self.fault;
        let age = at.duration_since(self.since.unwrap_or(at)).as_secs_f64();
        fault.count.is_none_or(|count| self.struck < count)
            && (fault.on.is_empty() || fault.on.contains(&self.seen))
            && fault.from.is_none_or(|from| self.seen >= from)
            && fault.after.is_none_or(|after| age >= after)
            && fault.until.is_none_or(|until| age < until)
    }

    /// Takes a token, if there is one.
    fn takes_token(&mut self, bucket: Bucket, at: Timestamp) -> bool {
        let size = f64::from(bucket.size);
        let (left, since) = self.tokens.unwrap_or((size, at));
        let refilled = at.duration_since(since).as_secs_f64() * bucket.per_second;
        let tokens = (left + refilled).min(size);
        let takes = tokens >= 1.0;
        self.tokens = Some((if takes { tokens - 1.0 } else { tokens }, at));
        takes
    }

    /// Keeps an answer, for later questions that are to be answered with it.
    pub(super) fn remember(&mut self, question: &str, at: Timestamp, answer: &Value) {
        if self.fault.kind != FaultKind::Stale {
            return;
        }
        if self.answers.len() == MOST_ANSWERS {
            self.answers.remove(0);
        }
        self.answers.push((question.to_owned(), at, answer.clone()));
    }

    /// What was answered to the question before: the newest answer that is old enough, or else the oldest.
    pub(super) fn recall(&self, question: &str, at: Timestamp) -> Option<Value> {
        let is_old =
            |then: Timestamp| self.fault.behind.is_some_and(|behind| at.duration_since(then).as_secs_f64() >= behind);
        let mut same = self.answers.iter().filter(|(asked, _, _)| asked == question);
        let newest = same.clone().rev().find(|(_, then, _)| is_old(*then));
        newest.or_else(|| same.next()).map(|(_, _, answer)| answer.clone())
    }
}
