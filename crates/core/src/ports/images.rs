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

/// What an image runs on, in the words of its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The operating system, for example `linux`.
    pub os: String,
    /// The architecture, for example `amd64`.
    pub architecture: String,
    /// Its variant, for example `v8`.
    pub variant: Option<String>,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(formatter, "/{variant}"))
    }
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

    /// What the image runs on: an index's entries without attestations, or a single image's one platform; `None` where
    /// it cannot be told.
    async fn platforms(&self, image: &ImageReference) -> Result<Option<Vec<Platform>>, CallError>;
}
