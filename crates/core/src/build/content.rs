//! What was built, as its own manifests say.
//!
//! Nothing here is a promise of the builder: `layout` reads it from the bytes.

use crate::{identifier::Digest, ports::Platform, release::Attestation};

/// One object of an image by content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What it is.
    pub kind: Kind,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list of manifests.
    Index,
    /// A manifest.
    Manifest,
    /// A configuration, a layer, or what an attestation says.
    Blob,
}

/// An image that was built: one for one platform, or an index of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What the image is named by.
    pub root: Descriptor,
    /// The platforms that it runs on, in the order of the index.
    pub platforms: Vec<Platform>,
    /// The images themselves, in the same order: itself, or those of the index.
    pub images: Vec<Digest>,
    /// What the builder attests of it.
    pub attestations: Vec<Attestation>,
    /// Every object, the root last, each once.
    pub objects: Vec<Descriptor>,
}

/// Why what was built is no image that may be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// There is nothing.
    #[error("the builder left no image")]
    Nothing,
    /// There is more than one image, and none that is meant.
    #[error("the builder left {0} images in place of one")]
    Several(usize),
    /// Something is named and not there.
    #[error("{0} is named and not there")]
    Missing(Digest),
    /// Something is not what its digest says.
    #[error("{named} is named, and what is there is {found}")]
    OtherDigest {
        /// The digest it should have.
        named: Digest,
        /// The digest it has.
        found: Digest,
    },
    /// Something has not the size that it is named with.
    #[error("{digest} should have {named} bytes and has {found}")]
    OtherSize {
        /// The object.
        digest: Digest,
        /// The size it should have.
        named: u64,
        /// The size it has.
        found: u64,
    },
    /// A manifest cannot be understood.
    #[error("{what} cannot be understood: {reason}")]
    Unreadable {
        /// Which one.
        what: String,
        /// Why.
        reason: String,
    },
    /// There are attestations of an image, and no image.
    #[error("there are attestations only, and no image that could run")]
    OnlyAttestations,
    /// The image has no layer.
    #[error("the image for {0} is empty: it has no layer")]
    Empty(Platform),
    /// It runs on something else than was asked for.
    #[error("the image is for {}, and was to be for {}", list(.found), list(.wanted))]
    OtherPlatforms {
        /// What was asked for.
        wanted: Vec<Platform>,
        /// What it is for.
        found: Vec<Platform>,
    },
}

fn list(platforms: &[Platform]) -> String {
    platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
