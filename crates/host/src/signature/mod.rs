//! Verifying signatures: bundles of Sigstore's against a trusted root or a key, on this machine, without network.
//!
//! Who should have signed is not its business. The cryptography is `sigstore-verify`'s.

mod roots;
mod verifier;

#[cfg(any(test, feature = "fakes"))]
pub mod forge;
#[cfg(test)]
mod tests;

pub use verifier::BundleVerifier;
