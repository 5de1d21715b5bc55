//! Listing what is in a bucket: objects in both ways, and versions.
//!
//! Keys are in the order of their bytes.

mod objects;
mod page;
mod versions;

pub(super) use page::Question;
