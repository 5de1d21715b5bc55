//! A bucket: its settings, and every version of every key in it.
//!
//! Plain code behind one lock of the bucket's own, which is never held while a body moves.

mod conditions;
mod contents;
mod race;
mod settings;

pub(super) use conditions::{ReadConditions, WriteConditions};
pub(super) use contents::Deleted;
pub(crate) use settings::{Bucket, State};
pub(super) use settings::{Document, Versioning};
