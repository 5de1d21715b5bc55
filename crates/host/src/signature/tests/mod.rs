//! What is believed and what is not: of real bundles, and of those that an authority of our own makes.

use towpath_core::{
    identifier::Digest,
    ports::{Trust, Verified, Verifier as _, VerifyError},
};

use super::BundleVerifier;

mod forged;
mod real;

fn verify(bundle: &str, image: &Digest, trust: &Trust) -> Result<Verified, VerifyError> {
    BundleVerifier::new().verify(bundle.as_bytes(), image, trust)
}

/// Asserts that it is refused, in words that have these in them.
fn refused(found: Result<Verified, VerifyError>, words: &str) {
    match found {
        Err(VerifyError::Refused(why)) => assert!(why.contains(words), "{why}"),
        other @ (Ok(_) | Err(VerifyError::Trust { .. })) => panic!("{other:?}"),
    }
}
