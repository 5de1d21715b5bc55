//! Uploads in parts: beginning one, its parts, and how it ends.
//!
//! An upload is no object until it is completed; conditions of other writes do not see it.

mod complete;
mod create;
mod list;
mod part;
mod upload;

pub(super) use upload::Upload;
