//! Speaks the protocol of image registries (OCI distribution) with ECR: brings images from one to another, or from this
//! machine, byte for byte, and looks at what is there.
//!
//! It tags nothing and reads no tag: names are given through ECR's own API, after the bytes are there.

#![expect(clippy::result_large_err, reason = "it answers with the ports' own error")]

mod attempts;
mod http;
mod login;

mod answer;
mod request;

mod remote;

mod manifest;

mod layout;
mod stream;

mod origin;

mod gather;

mod upload;

mod bring;
mod bundles;
mod contents;

pub use login::RegistryLogin;

pub(crate) use bring::bring;
pub(crate) use bundles::bundles;
pub(crate) use contents::contents;
pub(crate) use layout::Layout;
pub(crate) use origin::Origin;
pub(crate) use remote::{Registries, Remote};
