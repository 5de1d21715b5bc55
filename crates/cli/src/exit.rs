//! The exit codes: one enum, one mapping from outcomes. Scripts depend on them, so they never change their meaning.

use std::process::ExitCode;

use towpath_core::{engine::Report, policy::Verdict, promotion::Outcome};

use crate::summary;

/// How a run of `towpath` ended, for whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use = "a run whose exit code is dropped looks like success"]
pub enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Errored: nothing is claimed, and no service was changed.
    Errored,
    /// A mistake in what was typed or configured.
    Usage,
    /// No, expired or insufficient credentials.
    Credentials,
    /// Refused by policy, a gate or the check. Nothing was changed.
    Refused,
    /// The release failed, and the previous one is proven to serve.
    RolledBack,
    /// The release failed, and nothing proven serves.
    Stuck,
    /// Time or contact was lost. The promotion can be resumed.
    Inconclusive,
    /// Another deployment replaced this one.
    Superseded,
    /// A later stage did not finish: nothing was exercised, or the record could not be written.
    Partial,
    /// Not now: it may be tried again later.
    Held,
    /// A difference was found.
    Difference,
    /// The ledger or a journal was changed by somebody.
    Tampered,
    /// Interrupted. The promotion can be resumed.
    Interrupted,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Self; 14] = [
        Self::Done,
        Self::Errored,
        Self::Usage,
        Self::Credentials,
        Self::Refused,
        Self::RolledBack,
        Self::Stuck,
        Self::Inconclusive,
        Self::Superseded,
        Self::Partial,
        Self::Held,
        Self::Difference,
        Self::Tampered,
        Self::Interrupted,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Errored => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Refused => 4,
            Self::RolledBack => 5,
            Self::Stuck => 6,
            Self::Inconclusive => 7,
            Self::Superseded => 8,
            Self::Partial => 9,
            Self::Held => 10,
            Self::Difference => 11,
            Self::Tampered => 12,
            Self::Interrupted => 130,
        }
    }

    /// Its name, as outputs have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Errored => "errored",
            Self::Usage => "usage",
            Self::Credentials => "credentials",
            Self::Refused => "refused",
            Self::RolledBack => "rolled_back",
            Self::Stuck => "stuck",
            Self::Inconclusive => "inconclusive",
            Self::Superseded => "superseded",
            Self::Partial => "partial",
            Self::Held => "held",
            Self::Difference => "difference",
            Self::Tampered => "tampered",
            Self::Interrupted => "interrupted",
        }
    }

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "Done, or nothing to do.",
            Self::Errored => "Errored: nothing is claimed, and no service was changed.",
            Self::Usage => "A mistake in what was typed or configured; nothing was tried.",
            Self::Credentials => "No, expired or insufficient credentials; no service was changed.",
            Self::Refused => "Refused by policy, a gate or the check; nothing was changed.",
            Self::RolledBack => "The release failed, and the previous one is proven to serve.",
            Self::Stuck => "Stuck: the release failed, and nothing proven serves. A person is needed.",
            Self::Inconclusive => "Inconclusive: time or contact was lost. Resume it.",
            Self::Superseded => "Superseded: another deployment replaced this one.",
            Self::Partial => {
                "Partial: a later stage did not finish; nothing was exercised, or the record could not be written."
            }
            Self::Held => "Held: not now; it may be tried again later.",
            Self::Difference => "A difference was found between what should be and what is.",
            Self::Tampered => "The ledger or a journal was changed by somebody, or is damaged.",
            Self::Interrupted => "Interrupted. Resume it.",
        }
    }

    /// The exit code of a run that came to a report. A drill is there to be rolled back: that is what it is done with.
    pub fn of_report(report: &Report) -> Self {
        let exit = if summary::is_passed(report) { Self::Done } else { Self::from(report.outcome) };
        match exit {
            Self::Done if report.unrecorded.is_some() => Self::Partial,
            exit => exit,
        }
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded | Outcome::Unchanged | Outcome::Ignored | Outcome::Adopted => Self::Done,
            Outcome::Unverified => Self::Partial,
            Outcome::Refused => Self::Refused,
            Outcome::Held => Self::Held,
            Outcome::Errored => Self::Errored,
            Outcome::Unauthorized => Self::Credentials,
            Outcome::RolledBack => Self::RolledBack,
            Outcome::Stuck => Self::Stuck,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::Interrupted => Self::Interrupted,
            Outcome::Superseded => Self::Superseded,
        }
    }
}

impl From<Verdict> for Exit {
    /// Of a question to policy alone.
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Allowed | Verdict::Ignored | Verdict::PublishOnly => Self::Done,
            Verdict::Refused => Self::Refused,
            Verdict::Held { .. } => Self::Held,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use towpath_core::promotion::Intent;

    use super::*;

    #[test]
    fn every_code_is_different_and_in_order() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert!(codes.is_sorted());
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn only_what_is_proven_or_needs_nothing_is_done() {
        let done: Vec<&str> =
            Outcome::ALL.into_iter().filter(|outcome| Exit::from(*outcome) == Exit::Done).map(Outcome::name).collect();
        assert_eq!(done, ["succeeded", "unchanged", "ignored", "adopted"]);
    }

    #[test]
    fn each_outcome_has_its_code() {
        let codes: Vec<String> =
            Outcome::ALL.iter().map(|outcome| format!("{outcome} {}", Exit::from(*outcome).code())).collect();
        insta::assert_snapshot!(codes.join("\n"), @"
        succeeded 0
        unchanged 0
        unverified 9
        refused 4
        ignored 0
        held 10
        errored 1
        unauthorized 3
        rolled_back 5
        stuck 6
        inconclusive 7
        interrupted 130
        superseded 8
        adopted 0
        ");
    }

    #[test]
    fn a_success_that_could_not_be_recorded_is_partial() {
        let mut report = crate::summary::example(Outcome::Succeeded);
        report.unrecorded = Some("disk full".to_owned());
        assert_eq!(Exit::of_report(&report), Exit::Partial);
        report.outcome = Outcome::Stuck;
        assert_eq!(Exit::of_report(&report), Exit::Stuck);
    }

    #[test]
    fn a_drill_is_done_where_the_bad_copy_was_found_and_put_back() {
        let drill = |failure: &str| crate::summary::put_back(Intent::Drill { version: None }, failure);
        assert_eq!(Exit::of_report(&drill("smoke")), Exit::Done);
        assert_eq!(Exit::of_report(&drill("undetected")), Exit::RolledBack);
        let mut unrecorded = drill("rollout");
        unrecorded.unrecorded = Some("disk full".to_owned());
        assert_eq!(Exit::of_report(&unrecorded), Exit::Partial);
    }
}
