//! [`FakeEcs`]: services that roll, stall and roll back as a test scripts it, on virtual time.
//!
//! It is honest about what Towpath decides by: which deployment is primary, which service deployment ended how, what
//! the tasks run, and what is refused. It has no placement, no drain time, no lag and no wire: `towpath-sim` has those.

mod cloud;
mod fake;
mod family;
mod port;
mod rollout;
mod service;
mod show;
#[cfg(test)]
mod tests;

pub use fake::{Call, FakeEcs, Operation};
pub use rollout::Outcome;
