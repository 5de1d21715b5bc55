//! Image layouts for the chores: what skopeo and our own client are given to bring somewhere.

mod layout;
mod registry;

pub(crate) use layout::{Layout, Shape};
pub(crate) use registry::{FROM, Registry, TO, repository, succeed};
