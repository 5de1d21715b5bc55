//! The gates: each looks at one condition and gives its reasons, good or bad.
//!
//! `branch` and `paths` belong to the rule that applies; the others to the environment, whatever the rule.

pub(super) mod artifacts;
pub(super) mod branch;
pub(super) mod origin;
pub(super) mod paths;
pub(super) mod same_tag;
pub(super) mod scan;
pub(super) mod signed;
pub(super) mod soak;
pub(super) mod upstream;
