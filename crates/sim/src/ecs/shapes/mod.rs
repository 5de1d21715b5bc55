//! What AWS's model says about the input of each operation, and a check of an input against it.
//!
//! It knows shapes only: which members there are, of which type, which are required. What values mean is
//! for the operations to judge.

mod model;
mod validate;

pub(crate) use validate::{Unknown, validate};
