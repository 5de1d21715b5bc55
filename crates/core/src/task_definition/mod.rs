//! Task definitions: raw JSON documents that change in what was asked and in nothing else (invariant 5).
//!
//! It registers nothing and reads no file: texts and values come in, documents and bytes go out.

mod document;
mod drill;
mod error;
mod mask;
mod parse;
mod strip;
mod tag;

mod placeholder;
mod render;
mod variables;

mod quantity;
mod references;

mod diff;
mod fingerprint;
mod normal;
mod show;

mod lint;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod properties;

pub use diff::{Change, Diff, Side, diff};
pub use document::Document;
pub use error::DocumentError;
pub use lint::Problem;
pub use placeholder::Unfilled;
pub use quantity::{CpuUnits, Mebibytes};
pub use references::{Container, ContainerLog, RuntimePlatform, SecretPurpose, SecretUse, WrongFamily};
pub use render::{Notice, RenderError, Rendered, Rendering};
pub use strip::Stripped;
pub use tag::Tag;
