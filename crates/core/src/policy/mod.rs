//! Which trigger may bring which release into which environment, decided with reasons.

mod rule;
mod trigger;

pub use rule::{TagPattern, TriggerRule};
pub use trigger::Trigger;
