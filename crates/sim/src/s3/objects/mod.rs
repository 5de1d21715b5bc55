//! The operations on objects: reading, writing, copying, deleting.
//!
//! Uploads in parts are in `multipart`.

mod copy;
mod delete;
mod delete_many;
mod get;
mod headers;
mod put;
mod range;
mod source;

pub(super) use headers::read_metadata;
pub(crate) use headers::with_object;
pub(super) use put::{Race, with_write};
pub(super) use range::Range;
