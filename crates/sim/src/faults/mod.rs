//! Faults on purpose: which calls go wrong, and how.
//!
//! Faults are data; what each kind does to an answer is the work of the wire.

mod fault;
mod plan;

pub use fault::{Fault, FaultKind};
pub(crate) use plan::{FaultPlan, FaultTarget};
