//! Bytes on disk: what was written once, and is never changed.
//!
//! It knows no keys and no objects.

mod data;
mod segment;
mod store;
mod writer;

pub(crate) use data::Data;
pub(super) use store::BlobStore;
pub(super) use writer::Writer;
