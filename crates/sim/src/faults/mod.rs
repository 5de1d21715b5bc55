//! Faults on purpose: which calls go wrong, and how.
//!
//! Faults are data; what each kind does to an answer is [`crate::wire`]'s work.

mod fault;
mod plan;

pub use fault::{Fault, FaultKind};
pub(crate) use plan::{FaultPlan, FaultTarget};
