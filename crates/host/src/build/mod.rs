//! The Builder port through the programs that build images: docker buildx, docker, podman, buildah.
//!
//! Each builds into an OCI layout in a temporary folder. None of them pushes anything: whoever has the layout does.

mod arguments;
mod environment;
mod find;
mod login;

mod lines;
mod process;

mod failure;
mod layout;

mod builder;

pub use builder::{HostBuilder, HostBuilderError};
pub use login::RegistryLogin;

pub(crate) use builder::private_folder;
pub(crate) use environment::{Variables, minimal};
pub(crate) use layout::hash;
pub(crate) use lines::Masks;
pub(crate) use login::log_in;
pub(crate) use process::{Ended, Lost, Program};
