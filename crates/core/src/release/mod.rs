//! The release: an immutable set of artifacts, built once, with the version and commit they were built from.
//!
//! It does not say where a release is deployed: the ledger does.

mod artifact;
mod attestation;

mod draft;
mod format;

mod holding;
mod retention;

pub use artifact::{Artifact, RELEASE_SCHEMA, Release};
pub use attestation::Attestation;
pub use draft::{DraftError, DraftProblem, NewRelease};
pub use format::ReleaseError;
pub use holding::{Holding, Need};
pub use retention::{Danger, UnknownPolicy, danger};
