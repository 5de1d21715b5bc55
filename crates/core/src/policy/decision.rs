//! What policy was asked, and what it answers.
//!
//! A decision is a value that goes into the journal and the record; nothing is done here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    config::{Application, Environment},
    identifier::CommitId,
    release::Release,
};

use super::{Facts, Outcome, Reason, Trigger};

/// May this trigger bring this release into this environment now?
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The application.
    pub application: &'a Application,
    /// Where to.
    pub environment: &'a Environment,
    /// What asks.
    pub trigger: &'a Trigger,
    /// What is to be brought; `None` to ask about the trigger before there is a release.
    pub release: Option<&'a Release>,
    /// What was looked up.
    pub facts: &'a Facts,
    /// When.
    pub now: Timestamp,
}

impl<'a> Question<'a> {
    /// The commit in question: the release's, otherwise the trigger's.
    pub(super) fn commit(&self) -> Option<&'a CommitId> {
        self.release.map(|release| &release.commit).or_else(|| self.trigger.commit())
    }
}

/// The answer, with every reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[must_use = "a release that policy did not allow must not be brought anywhere"]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// The rule that decided, as a path into the configuration: `environments.production.deploy-on[0]`.
    pub rule: Option<String>,
    /// Everything that was checked, the good and the bad.
    pub reasons: Vec<Reason>,
}

/// The answer alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Verdict {
    /// The release may be brought there.
    Allowed,
    /// It may not. Asking again changes nothing until one of the reasons does.
    Refused,
    /// Not yet.
    Held {
        /// When to ask again.
        until: Timestamp,
    },
    /// The trigger is none of this environment's business: nothing is to be done, and nothing is wrong.
    Ignored,
    /// The trigger makes a release, and brings it nowhere here.
    PublishOnly,
}

impl Decision {
    /// The verdict that these reasons amount to: any refusal refuses; otherwise the longest hold holds.
    pub(super) fn of(rule: Option<String>, reasons: Vec<Reason>) -> Self {
        let outcomes: Vec<Outcome> = reasons.iter().map(Reason::outcome).collect();
        let held = outcomes.iter().filter_map(Outcome::held_until).max();
        let verdict = if outcomes.contains(&Outcome::Refuse) {
            Verdict::Refused
        } else if outcomes.contains(&Outcome::Ignore) {
            Verdict::Ignored
        } else {
            held.map_or(Verdict::Allowed, |until| Verdict::Held { until })
        };
        Self { verdict, rule, reasons }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Allowed => formatter.write_str("allowed"),
            Self::Refused => formatter.write_str("refused"),
            Self::Held { until } => write!(formatter, "held until {until}"),
            Self::Ignored => formatter.write_str("ignored"),
            Self::PublishOnly => formatter.write_str("publish only"),
        }
    }
}
