//! The end of a promotion, for people: how it ended, why, what serves, what was changed, what to do next.

use towpath_core::{
    engine::Report,
    promotion::{Intent, Outcome},
};

use crate::{hint, plain::one_line};

use super::account::accounts;

/// The lines.
pub(crate) fn text(report: &Report) -> String {
    let mut lines = vec![
        format!("{}: {} {}", report.environment, what(report), in_words(report.outcome)),
        format!("  why      {}", one_line(&report.reason)),
    ];
    for account in accounts(report) {
        let proof = if account.is_proven { "proven" } else { "not proven now" };
        lines.push(format!("  serves   {}: {} ({proof})", account.component, account.serves));
        lines.push(format!("  changed  {}: {}", account.component, account.changed));
    }
    if report.state.components.is_empty() {
        lines.push("  changed  nothing".to_owned());
    }
    if let Some(unrecorded) = &report.unrecorded {
        lines.push(format!("  missing  the record could not be written: {}", one_line(unrecorded)));
    }
    lines.push(format!("  next     {}", one_line(&hint::after(report))));
    lines.join("\n")
}

fn what(report: &Report) -> String {
    match &report.state.request.intent {
        Intent::Promote { version, .. } | Intent::Restore { version: Some(version), .. } => version.to_string(),
        Intent::Restore { version: None, .. } => "the baseline".to_owned(),
        Intent::Drill { .. } => "the drill's bad copy".to_owned(),
    }
}

/// An outcome in words, behind what it is said of.
pub(crate) fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Unchanged => "serves already, unchanged",
        Outcome::Unverified => "is rolled out, but not verified",
        Outcome::Refused => "was refused",
        Outcome::Ignored => "was ignored",
        Outcome::Held => "is held",
        Outcome::Errored => "errored",
        Outcome::Unauthorized => "was not allowed by AWS",
        Outcome::RolledBack => "failed and was rolled back",
        Outcome::Stuck => "failed and is stuck",
        Outcome::Inconclusive => "is inconclusive",
        Outcome::Interrupted => "was interrupted",
        Outcome::Superseded => "was superseded",
        Outcome::Adopted => "was adopted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_why_what_was_changed_and_what_is_next() {
        insta::assert_snapshot!(text(&crate::summary::example(Outcome::Held)), @"
        dev: 1.1.0 is held
          why      because ::error::of this
          changed  nothing
          next     run it again after 2026-03-02T10:00:00Z
        ");
    }
}
