//! The ports of sites: buckets, a distribution whose edge forgets nothing by itself, and directories.

mod bucket;
mod edge;
mod files;
mod port;

#[cfg(test)]
mod tests;

pub use bucket::{FakeBuckets, FakeObject, Stop};
pub use edge::{EdgeContents, FakeEdge};
pub use files::FakeSiteFiles;
