//! What bringing images to a registry takes and comes to: the values and the one error of the Images port's changes.
//!
//! Nothing here says how: bytes, protocols and logging in are the adapter's.

use std::{collections::BTreeSet, path::PathBuf};

use crate::identifier::{Digest, ImageReference, Repository, TaggedImage};

use super::CallError;

/// An OCI image layout on this machine, and which of its images is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageLayout {
    /// The folder with `oci-layout`, `index.json` and `blobs/`.
    pub folder: PathBuf,
    /// The image, or the index of images.
    pub digest: Digest,
}

/// What was brought to a repository, or was there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "says what is where now"]
pub struct Published {
    /// Where the image is now. Its digest is that of what was asked for.
    pub image: ImageReference,
    /// Manifests: the image's own, those of an index's entries, and what refers to them.
    pub manifests: Moved,
    /// Layers and configurations.
    pub blobs: Moved,
    /// Why nobody can say what refers to the image, where the caller may not list that: it was left behind.
    pub referrers_unknown: Option<CallError>,
}

/// How many of something were brought, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// How many were there already.
    pub there: usize,
    /// How many the registry took over from another of its repositories.
    pub mounted: usize,
    /// How many were sent.
    pub sent: usize,
    /// How many bytes were sent.
    pub bytes: u64,
}

/// What happens where a tag names another image already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenTaken {
    /// It stays, and the caller is told.
    Refuse,
    /// It moves, as tags like `main-latest` do. An immutable one stays all the same.
    Move,
}

/// What became of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "says whether the tag was there already"]
pub enum Tagged {
    /// It names the image now, and named nothing before.
    Set,
    /// It named the image already.
    AlreadyThere,
    /// It names the image now, and named this one before.
    Moved {
        /// What it named.
        from: Digest,
    },
}

/// What an image consists of, as one repository holds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageContents {
    /// The image's manifest and, for an index, those of all its entries, attestations among them.
    pub manifests: BTreeSet<Digest>,
    /// Layers and configurations of all of them, but for layers that are kept elsewhere by their own word.
    pub blobs: BTreeSet<Digest>,
    /// The manifests that refer to any of these: signatures, bills of materials, provenance.
    pub referrers: BTreeSet<Digest>,
    /// Why nobody can say what these are, where the caller may not list them.
    pub referrers_unknown: Option<CallError>,
    /// What is named by one of them and not there.
    pub missing: BTreeSet<Digest>,
}

/// Why an image is not where it was to be brought, or not under that tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A call failed; its fault says what that proves.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A repository that is read or written is not there. Nothing was published.
    #[error("the repository {0} does not exist")]
    NoRepository(Repository),
    /// The image is not there. Nothing was published.
    #[error("the image {0} does not exist")]
    NoImage(ImageReference),
    /// Something that the image consists of is not where the image is. Nothing was published.
    #[error("{image} is incomplete: {missing} is not there")]
    Incomplete {
        /// The image.
        image: ImageReference,
        /// The layer, configuration or entry of an index.
        missing: Digest,
    },
    /// Bytes arrived that are not what their digest says, each time that they were asked for. Nothing was published.
    #[error("the bytes of {expected} are others {place}{}", told(found.as_ref()))]
    Corrupted {
        /// Whose they are, with a preposition: from where, or on the way to where.
        place: String,
        /// What was asked for.
        expected: Digest,
        /// The digest of what arrived, where it arrived here.
        found: Option<Digest>,
    },
    /// The tag names another image. It still does.
    #[error("the tag {}:{} names {found} already, not {wanted}", tag.repository, tag.tag)]
    TagTaken {
        /// The tag.
        tag: TaggedImage,
        /// What it was to name.
        wanted: Digest,
        /// What it names.
        found: Digest,
    },
    /// It is not an image that can be brought whole. Nothing was published.
    #[error("{image} cannot be published: {why}")]
    Unsupported {
        /// The image or layout.
        image: String,
        /// What about it.
        why: String,
    },
    /// The layout on this machine cannot be read. Nothing was published.
    #[error("the image layout in {} cannot be read: {why}", folder.display())]
    Layout {
        /// Its folder.
        folder: PathBuf,
        /// Why.
        why: String,
    },
}

/// The digest that was found, where it is known.
fn told(found: Option<&Digest>) -> String {
    found.map_or_else(String::new, |found| format!(": their digest is {found}"))
}

impl PublishError {
    /// The failed call, where it is one.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            Self::NoRepository(_)
            | Self::NoImage(_)
            | Self::Incomplete { .. }
            | Self::Corrupted { .. }
            | Self::TagTaken { .. }
            | Self::Unsupported { .. }
            | Self::Layout { .. } => None,
        }
    }

    /// Whether the same may succeed a little later.
    pub fn is_passing(&self) -> bool {
        self.call().is_some_and(|error| error.is_passing() || error.is_ambiguous())
            || matches!(self, Self::Corrupted { .. })
    }

    /// Whether the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        self.call().is_some_and(CallError::is_denied)
    }
}

#[cfg(test)]
mod tests {
    use crate::ports::Fault;

    use super::*;

    #[test]
    fn only_what_may_pass_is_passing() {
        let call = |fault| {
            PublishError::from(CallError { operation: "ecr:X".to_owned(), fault, code: None, message: String::new() })
        };
        let image: ImageReference = format!("ghcr.io/shop/api@{}", Digest::of(b"image")).parse().unwrap();
        let check = |error: &PublishError, expected| assert_eq!(error.is_passing(), expected, "{error}");
        check(&call(Fault::Throttled), true);
        check(&call(Fault::Ambiguous), true);
        check(&call(Fault::Rejected), false);
        check(&PublishError::NoImage(image), false);
        let (expected, found) = (Digest::of(b"a"), Digest::of(b"b"));
        check(&PublishError::Corrupted { place: "from ghcr.io".to_owned(), expected, found: Some(found) }, true);
    }

    #[test]
    fn a_taken_tag_is_told_with_both_digests() {
        let (wanted, found) = (Digest::of(b"a"), Digest::of(b"b"));
        let tag = "ghcr.io/shop/api:v1".parse().unwrap();
        let said = PublishError::TagTaken { tag, wanted: wanted.clone(), found: found.clone() }.to_string();
        assert_eq!(said, format!("the tag ghcr.io/shop/api:v1 names {found} already, not {wanted}"));
    }
}
