//! ECR: what a private registry of Amazon's holds.

mod images;
mod manifest;

pub use images::EcrImages;
