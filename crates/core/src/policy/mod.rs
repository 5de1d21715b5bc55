//! Which trigger may bring which release into which environment, decided with reasons.
//!
//! It looks nothing up: facts come in, a decision goes out.

mod trigger;

mod glob;
mod rule;
mod tag;

mod facts;

mod decision;
mod reason;
mod words;

mod decide;
mod gate;
mod select;

mod explain;
mod matrix;
mod matrix_text;

#[cfg(test)]
mod tests;

pub use decide::decide;
pub use decision::{Decision, Question, Verdict};
pub use explain::explain;
pub use facts::{Ancestry, Facts, Proof, TagStanding};
pub use gate::{
    scan::{decide_scan, decide_scans},
    signed::decide_signatures,
};
pub use glob::PathGlob;
pub use matrix::{Cell, Condition, Matrix, Row, Way, matrix};
pub use reason::{Outcome, Reason, WhenUnscanned};
pub use rule::TriggerRule;
pub use tag::{TagPattern, classify};
pub use trigger::Trigger;
