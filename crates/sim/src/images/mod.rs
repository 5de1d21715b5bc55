//! The images of the simulated world: what a reference names, and what it does when it runs.
//!
//! Registries are elsewhere ([`crate::ecr`]); no layer is ever downloaded.

mod catalog;
mod conduct;
mod fate;
mod reference;
mod spec;

pub(crate) use catalog::{Behaviours, Catalog};
pub use conduct::{HealthAnswer, LogScript, RepeatedLine};
pub use fate::Fate;
pub use spec::{ImageError, ImageSpec};
