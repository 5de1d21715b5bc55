//! ECR: what a private registry of Amazon's holds.

mod bundles;
mod images;
mod scans;
mod tag;

mod blob;
pub(crate) mod manifest;
pub(crate) mod platform;
mod raw;

pub use bundles::EcrBundles;
pub use images::EcrImages;
pub use scans::EcrScans;

pub(crate) use manifest::images as images_of;
