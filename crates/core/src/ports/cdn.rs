//! The Cdn port: the distribution that visitors ask, and what it is told to forget.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    identifier::{DistributionId, InvalidationId},
    site::{InvalidationPath, InvalidationReference},
};

use super::CallError;

/// Where a distribution gets what it has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its domain, for example `shop.s3.us-west-2.amazonaws.com`.
    pub domain: String,
    /// What is put before each path, for example `/app`; empty for nothing.
    pub path: String,
}

/// What a distribution answers instead of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorDocument {
    /// The origin's status, for example 403.
    pub status: u16,
    /// The path that is answered with, for example `/index.html`, where there is one.
    pub page: Option<String>,
    /// The status that is answered with; the origin's where there is none.
    pub answered: Option<u16>,
    /// How long an edge keeps that answer at least; 10 seconds where nothing was set.
    pub cached_for: Duration,
}

/// What a distribution is, as far as a site is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its id.
    pub id: DistributionId,
    /// Its own domain, for example `d111111abcdef8.cloudfront.net`.
    pub domain: String,
    /// Its other domains.
    pub aliases: Vec<String>,
    /// Whether it answers at all.
    pub is_enabled: bool,
    /// Whether its last change has reached every edge.
    pub is_deployed: bool,
    /// The origin of its default behaviour.
    pub default_origin: Option<Origin>,
    /// The origins of its other behaviours.
    pub other_origins: Vec<Origin>,
    /// What is answered for `/`, without a leading `/`.
    pub default_root: Option<String>,
    /// What is answered instead of errors.
    pub error_documents: Vec<ErrorDocument>,
}

/// How far an invalidation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidationStatus {
    /// Some edges may still answer with the old bytes.
    InProgress,
    /// No edge does.
    Completed,
}

/// An invalidation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalidation {
    /// Its id.
    pub id: InvalidationId,
    /// How far it is.
    pub status: InvalidationStatus,
}

/// Why something about a distribution failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdnError {
    /// A call failed; its fault says what that proves. Denied, throttled and lost contact are here.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no such distribution in this account.
    #[error("the distribution {0} does not exist")]
    NoDistribution(DistributionId),
    /// As many paths are being invalidated as are allowed at once: 3,000, and 15 with a wildcard. Nothing was begun.
    #[error("too many paths of the distribution {0} are being invalidated")]
    TooManyInProgress(DistributionId),
    /// The reference was used for other paths before. Nothing was begun.
    #[error("the invalidation {0} was made before, for other paths")]
    ReferenceTaken(InvalidationReference),
    /// There is no such invalidation of that distribution.
    #[error("the invalidation {0} does not exist")]
    NoInvalidation(InvalidationId),
}

impl CdnError {
    /// Whether the same may succeed a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Call(error) => error.is_passing() || error.is_ambiguous(),
            Self::TooManyInProgress(_) => true,
            Self::NoDistribution(_) | Self::ReferenceTaken(_) | Self::NoInvalidation(_) => false,
        }
    }

    /// Whether the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        match self {
            Self::Call(error) => error.is_denied(),
            Self::TooManyInProgress(_)
            | Self::NoDistribution(_)
            | Self::ReferenceTaken(_)
            | Self::NoInvalidation(_) => false,
        }
    }
}

/// CloudFront.
#[async_trait]
pub trait Cdn: Send + Sync {
    /// What the distribution is.
    ///
    /// Errors: `NoDistribution`.
    async fn distribution(&self, id: &DistributionId) -> Result<Distribution, CdnError>;

    /// Asks the edges to forget these paths. At least one path.
    ///
    /// Guarantees: after `Ok` the edges will have forgotten them once the invalidation is completed.
    ///
    /// Idempotence: the same reference with the same paths is the same invalidation. So an answer that got lost is
    /// settled by asking again; the adapter does that, and tries again what is throttled or may pass, a few times.
    ///
    /// Errors: `NoDistribution`, `TooManyInProgress`, `ReferenceTaken`.
    async fn invalidate(
        &self,
        id: &DistributionId,
        reference: &InvalidationReference,
        paths: &[InvalidationPath],
    ) -> Result<Invalidation, CdnError>;

    /// How far an invalidation is.
    ///
    /// Errors: `NoDistribution`, `NoInvalidation`.
    async fn invalidation(&self, id: &DistributionId, invalidation: &InvalidationId) -> Result<Invalidation, CdnError>;
}
