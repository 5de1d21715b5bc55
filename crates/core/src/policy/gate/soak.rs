//! The gate of soak time: the release must have served upstream for so long.
//!
//! Nothing waits here. The answer says when to ask again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    identifier::EnvironmentName,
    policy::{Proof, Question, Reason},
};

pub(in crate::policy) fn judge(question: &Question<'_>) -> Vec<Reason> {
    if question.environment.soak.is_zero() {
        return Vec::new();
    }
    question.environment.after.iter().filter_map(|upstream| soak(question, upstream.clone())).collect()
}

/// Nothing to say where the release is not proven: that is the upstream gate's to refuse.
fn soak(question: &Question<'_>, environment: EnvironmentName) -> Option<Reason> {
    let wanted = question.environment.soak;
    match question.facts.proof_in(&environment) {
        Proof::Proven { since, .. } => Some(serving(question.now, since, environment, wanted)),
        Proof::Superseded { since, until, by, .. } => {
            let served = between(since, until);
            Some(if served >= wanted {
                Reason::Soaked { environment, served, wanted }
            } else {
                Reason::SoakCutShort { environment, served, wanted, by }
            })
        }
        Proof::Withdrawn { .. } | Proof::NotProven | Proof::Unknown { .. } => None,
    }
}

fn serving(now: Timestamp, since: Timestamp, environment: EnvironmentName, wanted: Duration) -> Reason {
    let until = later(since, wanted);
    if now < until {
        return Reason::Soaking { environment, wanted, until };
    }
    Reason::Soaked { environment, served: between(since, now), wanted }
}

/// A promotion that is dated after the end served for no time at all.
fn between(since: Timestamp, until: Timestamp) -> Duration {
    until.duration_since(since).try_into().unwrap_or_default()
}

fn later(since: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| since.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}
