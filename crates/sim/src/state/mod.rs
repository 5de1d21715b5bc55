//! Keeping the world over a restart.
//!
//! One file in one directory for one simulator at a time; nothing is locked.

mod store;

pub use store::StateError;
pub(crate) use store::{Saved, StateStore};
