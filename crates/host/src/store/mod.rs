//! The Store port in a folder of the file system.

mod directory;
mod file;
mod trouble;

pub use directory::DirectoryStore;
