//! The Source port through the git program.

mod command;
mod source;

pub use source::GitSource;
