//! What a builder states about an image of a release.

use serde::{Deserialize, Serialize};

use crate::identifier::{Digest, PredicateType};

/// A statement about one image of an index, kept beside it in the same repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Attestation {
    /// What it states.
    pub predicate: PredicateType,
    /// The image that it is about.
    pub subject: Digest,
    /// The manifest that holds it.
    pub manifest: Digest,
}
