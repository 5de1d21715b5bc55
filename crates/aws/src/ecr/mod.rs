//! ECR: what a private registry of Amazon's holds.

mod images;
mod tag;

mod blob;
mod manifest;
mod platform;

pub use images::EcrImages;
