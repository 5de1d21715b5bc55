//! What is known of one signature: whose it is, once it was verified, or why it was not.
//!
//! These are kept in journals and records for ever; names and fields are a format.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{Digest, PredicateType, Repository, Sha256, TagName};

/// What was learned in one place where a signature may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Evidence {
    /// A signature of this image, verified.
    Verified {
        /// Whose, of what, when.
        signature: Box<Signature>,
    },
    /// Something that may be a signature of it, and could not be verified.
    Unverified {
        /// Where it is.
        found: Found,
        /// Why not.
        why: String,
    },
    /// Whether there is one here could not be asked.
    Unknown {
        /// Why.
        why: String,
    },
    /// There is none here.
    Nothing {
        /// Where.
        place: String,
    },
}

/// A verified signature of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Signature {
    /// Who signed.
    pub by: Signer,
    /// What was signed.
    pub statement: Statement,
    /// When, by the word of a log or of a timestamp authority; nothing where none vouches for it.
    pub at: Option<Timestamp>,
    /// Whether it was proven to be in a transparency log.
    pub logged: bool,
    /// Where the bundle is.
    pub found: Found,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signer {
    /// Whom a certificate names that goes back to a trusted root.
    Certificate {
        /// An address of mail, or a URI.
        identity: String,
        /// Who vouched for them.
        issuer: String,
        /// The workflow's claims, where it was one.
        workflow: Option<Box<Workflow>>,
    },
    /// Who has a key.
    Key {
        /// The file of the public key, from the configuration file.
        file: String,
    },
}

/// What a certificate claims of the run that it was given to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Workflow {
    /// The repository that was built, as an address.
    pub repository: Option<String>,
    /// The ref that was built.
    pub source_ref: Option<String>,
    /// The commit that was built.
    pub commit: Option<String>,
    /// The file of the workflow that signed, with its repository and ref, as an address.
    pub file: Option<String>,
    /// The run, as an address.
    pub run: Option<String>,
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Statement {
    /// The manifest itself.
    Manifest,
    /// A statement about the image.
    Attested {
        /// Of what type.
        predicate: PredicateType,
    },
}

/// Where a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// In a registry, by what refers to the image.
    Referrer {
        /// The repository.
        repository: Repository,
        /// The manifest that refers to the image.
        manifest: Digest,
    },
    /// In a registry, under a tag that is made from the image's digest.
    Tagged {
        /// The repository.
        repository: Repository,
        /// The tag.
        tag: TagName,
    },
    /// Beside the ledger, where `towpath signatures` put it.
    HandedIn {
        /// The hash of the bundle.
        bundle: Sha256,
    },
}
