//! Smoke checks: what an answer must be, and whether it was, long enough.
//!
//! It asks nothing itself: the Probe port does.

mod check;
mod template;

pub use check::{Answer, Attempt, BODY_LIMIT, Check, Method, Stage};
pub use template::{CheckTemplate, Expected};
