//! The Scans port: what a registry's own scanner found in an image.

use async_trait::async_trait;

use crate::{identifier::ImageReference, scan::Report};

use super::CallError;

/// What a registry's scanner says of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has ended: with findings, or without having been able to look. It can always be asked again, and says more.
    Ended(Box<Report>),
    /// It goes on, or has not begun.
    GoesOn(
        /// The registry's word for that.
        String,
    ),
    /// The registry knows of no scan. One may be about to begin: a registry is slow to say that it will.
    NotThere,
}

/// Registries' own scanners.
#[async_trait]
pub trait Scans: Send + Sync {
    /// What the registry's scanner says of this single image. An index is asked for by its images.
    ///
    /// Guarantees: a report has every finding, or says that it could not be scanned; nothing is scanned by asking.
    ///
    /// Errors: `NotFound` where the image is not there, `Rejected` where the adapter cannot look into that registry.
    async fn scan(&self, image: &ImageReference) -> Result<Answer, CallError>;
}
