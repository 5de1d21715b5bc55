//! The edges: what viewers get, from a cache that holds what its origin said it may.
//!
//! Every location has a cache of its own, in memory, of names only: bodies stay where S3 has them.

mod cache;
mod freshness;
mod origin;
mod reply;
mod serve;

pub(crate) use cache::Edges;
pub(crate) use serve::{EdgeRequest, serve};
