//! Faults on purpose: which calls go wrong, and how.
//!
//! Faults are data; what each kind does to an answer is the work of the wire.

mod armed;
mod edit;
mod fault;
mod plan;

pub(crate) use armed::FaultTarget;
pub(crate) use edit::{edit, missing};
pub use fault::{Bucket, Fault, FaultKind, OtherCall};
pub(crate) use plan::{FaultPlan, Struck};
