//! Smoke checks: what an answer must be, and whether it was, long enough.
//!
//! It asks nothing itself: the Probe port does.

mod check;
mod template;

mod excerpt;
mod judge;
mod judgement;
mod member;

mod progress;

pub use check::{Answer, Attempt, BODY_LIMIT, Check, Method, Stage};
pub use excerpt::Excerpt;
pub use judge::{judge, judge_file, judge_masked};
pub use judgement::{AnsweredBy, Body, Difference, Judgement};
pub use progress::{CheckOutcome, CheckResult, Progress, Step, Summary};
pub use template::{CheckTemplate, Dropped, Expected, Filled, Proof};
