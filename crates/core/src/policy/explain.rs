//! A decision as text for people: the verdict, the rule, and every reason with its remedy.
//!
//! Colour and width are the front end's.

use super::{Decision, Outcome, Reason};

/// The decision in a few lines: what was decided, then each reason, with what to do about it.
pub fn explain(decision: &Decision) -> String {
    let by = decision.rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    let mut text = format!("{}{by}\n", decision.verdict);
    for reason in &decision.reasons {
        text.push_str(&line(reason));
    }
    text
}

fn line(reason: &Reason) -> String {
    let remedy = reason.remedy().map(|remedy| format!("         to do: {remedy}\n")).unwrap_or_default();
    format!("  {:<6} {reason}\n{remedy}", word(reason.outcome()))
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "ok",
        Outcome::Unchecked => "open",
        Outcome::Ignore => "ignore",
        Outcome::Hold { .. } => "hold",
        Outcome::Refuse => "refuse",
    }
}
