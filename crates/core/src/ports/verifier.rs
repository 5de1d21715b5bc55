//! The Verifier port: whether a bundle is a signature of an image, and whose. It looks nothing up.

use jiff::Timestamp;

use crate::{
    identifier::Digest,
    signature::{Signer, Statement},
};

/// What signatures must go back to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// The text of a trusted root, or of one a line; nothing for those that the verifier brings along.
    pub roots: Option<String>,
    /// Keys.
    pub keys: Vec<TrustedKey>,
}

/// A key that signatures may be made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// Its file, which it is known by.
    pub file: String,
    /// The public key, in PEM.
    pub pem: String,
    /// Whether what it signed must be in a transparency log.
    pub log: bool,
}

/// A signature of the image, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who signed.
    pub by: Signer,
    /// What was signed.
    pub statement: Statement,
    /// When, by the word of a log or of a timestamp authority.
    pub at: Option<Timestamp>,
    /// Whether it was proven to be in a transparency log.
    pub logged: bool,
}

/// Why nothing was verified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// What it was to be verified against is no good.
    #[error("{what} cannot be used: {why}")]
    Trust {
        /// The trusted root, or which key.
        what: String,
        /// Why.
        why: String,
    },
    /// The bundle is no signature of this image that can be believed.
    #[error("{0}")]
    Refused(String),
}

/// Verifies bundles.
pub trait Verifier: Send + Sync {
    /// Whether the bundle is a signature of the image with this digest.
    ///
    /// Guarantees: success is only where the signature is of this very digest, and goes back to what is trusted: a
    /// certificate to a root, with a time at which it was valid, and in every log that the root knows of; or a key. Who
    /// that is remains to be judged.
    ///
    /// # Errors
    /// [`VerifyError::Trust`] where nothing can be verified against this; otherwise what is wrong with the bundle.
    fn verify(&self, bundle: &[u8], image: &Digest, trust: &Trust) -> Result<Verified, VerifyError>;
}
