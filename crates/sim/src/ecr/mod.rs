//! Amazon ECR of one account and region: repositories, manifests and tags.
//!
//! It holds no layers, scans nothing and knows no lifecycle rules; the OCI distribution API (`/v2/`) has no place here yet.

mod registry;

mod image;
mod manifest;
mod repository;

mod delete;
mod describe;
mod error;
mod get;
mod push;
mod repositories;
mod token;

pub(crate) use image::ImageId;
pub(crate) use manifest::Manifest;
pub use registry::Ecr;
pub(crate) use registry::owner;
