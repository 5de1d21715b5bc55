//! The way in: from an environment's settings to its adapters, all on one shared configuration.

mod settings;

mod ambient;
mod direct;
mod named;
mod role;

mod aws;
mod error;

pub use aws::Aws;
pub use error::ConnectError;
pub use settings::{AccessKeys, Patience, Settings, Source};

pub(crate) use ambient::once;
pub(crate) use direct::{connector, is_near};
pub(crate) use named::Unreached;
