//! The Bundles port: what a registry holds beside an image that may be a signature of it.

use async_trait::async_trait;

use crate::{identifier::ImageReference, signature::Found};

use super::CallError;

/// Something that may be a signature, unverified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundBundle {
    /// Where it is.
    pub found: Found,
    /// Its bytes, or why they cannot be a bundle.
    pub bundle: Result<Vec<u8>, String>,
}

/// Bundles in registries.
#[async_trait]
pub trait Bundles: Send + Sync {
    /// What refers to this image there and may be a signature of it; nothing where there is none.
    ///
    /// Guarantees: nothing was left out for its size, its form or its number without being said, as an error or as an
    /// entry without bytes. Nothing is verified: anybody who may push can put anything there.
    ///
    /// Errors: `NotFound` where the repository is not there, `Rejected` where the adapter cannot look into that registry.
    async fn bundles(&self, image: &ImageReference) -> Result<Vec<FoundBundle>, CallError>;
}
