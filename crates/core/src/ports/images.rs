//! The Images port: what a registry holds.

use async_trait::async_trait;

use crate::identifier::{Digest, ImageReference, Repository, TagName, TaggedImage};

use super::{CallError, ImageContents, ImageLayout, PublishError, Published, Tagged, WhenTaken};

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

    /// The text of the policy by which a repository's images expire; `None` where there is none.
    ///
    /// Errors: `Rejected` where the adapter cannot look into that registry.
    async fn lifecycle(&self, repository: &Repository) -> Result<Option<String>, CallError>;

    /// What the image consists of there, and what of it is missing; `None` where the image is not there.
    ///
    /// Guarantees: every manifest was read, and its bytes are those that its digest names; every layer was seen.
    async fn contents(&self, image: &ImageReference) -> Result<Option<ImageContents>, PublishError>;

    /// Brings an image to another repository byte for byte, in whichever registry, account and region: an index with
    /// all its entries, attestations among them, and what refers to any of these.
    ///
    /// Guarantees: the same digest is there, whole, and was read back; nothing got a name by it. Each part was checked
    /// against its digest on its way, and nothing is there before what it refers to.
    ///
    /// Idempotence: what is there is not sent again. A call that failed half way is made again, and goes on.
    ///
    /// Errors: any; nothing that could be deployed is half there.
    async fn copy(&self, image: &ImageReference, to: &Repository) -> Result<Published, PublishError>;

    /// As [`Images::copy`], for an image that is on this machine.
    async fn upload(&self, layout: &ImageLayout, to: &Repository) -> Result<Published, PublishError>;

    /// Lets a tag name an image that is there.
    ///
    /// Guarantees: the tag names the image by the very bytes that are there.
    ///
    /// Idempotence: a tag that names the image already is success.
    ///
    /// Errors: [`PublishError::TagTaken`] where it names another one and may not move, by the caller's word or by the
    /// registry's.
    async fn tag(&self, image: &ImageReference, tag: &TagName, when_taken: WhenTaken) -> Result<Tagged, PublishError>;
}
