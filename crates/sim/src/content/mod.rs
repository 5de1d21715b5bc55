//! The bytes of layers: kept on disk, streamed in and out, never held in memory whole.
//!
//! It knows digests and files; which repository has which layer is the registry's to say ([`crate::ecr`]).

mod slice;
mod store;
mod upload;

pub(crate) use slice::FileSlice;
pub(crate) use store::BlobStore;
pub(crate) use upload::{Upload, UploadError};
