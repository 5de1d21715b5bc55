//! The Images port: what a registry holds.

use async_trait::async_trait;

use crate::identifier::{Digest, ImageReference, TaggedImage};

use super::CallError;

/// Whether an image is where it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImagePresence {
    /// It is there and can be pulled.
    Present,
    /// It is not there.
    Missing,
    /// It is there, but not in a state that can be pulled (archived).
    NotPullable(
        /// The registry's word for the state.
        String,
    ),
    /// This adapter cannot look into that registry.
    CannotTell(
        /// Why.
        String,
    ),
}

/// Registries of images.
#[async_trait]
pub trait Images: Send + Sync {
    /// The digest that a tag names now; `None` where there is no such tag.
    ///
    /// Errors: `Rejected` where the adapter cannot look into that registry.
    async fn resolve(&self, image: &TaggedImage) -> Result<Option<Digest>, CallError>;

    /// Whether the image is there.
    async fn presence(&self, image: &ImageReference) -> Result<ImagePresence, CallError>;

    /// The digests of an index's children; empty for a single image.
    async fn children(&self, image: &ImageReference) -> Result<Vec<Digest>, CallError>;
}
