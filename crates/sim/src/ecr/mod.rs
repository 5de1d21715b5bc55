//! Amazon ECR of one account and region: repositories, layers, manifests and tags.
//!
//! The OCI distribution API (`/v2/`) stands on it, in a module of its own, and so are the bytes of layers.

mod registry;
mod settings;
mod site;

mod configuration;
mod image;
mod layer;
mod manifest;
mod repository;

mod made_up;

mod access;
mod account;
mod delete;
mod describe;
mod error;
mod get;
mod layers;
mod lifecycle;
mod mutability;
mod oci;
mod push;
mod repositories;
mod scanning;
mod token;

pub(crate) use access::account_of;
pub(crate) use image::{Image, ImageId, is_digest};
pub(crate) use layer::Layer;
pub(crate) use made_up::image as made_up;
pub(crate) use manifest::{LARGEST, Manifest};
pub(crate) use push::{Door, Push};
pub use registry::Ecr;
pub use scanning::{FindingSpec, ScanSpec, ScanStatus, ScanStep, ScanType, Severity};
pub use settings::RegistryKnobs;
pub(crate) use site::{Site, signature};
pub(crate) use token::Token;
