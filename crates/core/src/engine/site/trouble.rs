//! Why there is no work to be had of a site.

use crate::{
    ledger::{LedgerError, SitesError},
    ports::{BucketError, CallError, CdnError},
    site::PlanRefusal,
};

/// Why there is no work to be had.
pub(super) enum Trouble {
    /// A call failed.
    Call(Box<CallError>),
    /// What is kept beside the ledger cannot be read now.
    Ledger(String),
    /// Something is as it must not be.
    Finding(String),
}

impl From<SitesError> for Trouble {
    fn from(error: SitesError) -> Self {
        match error {
            SitesError::Store(_) => Self::Ledger(told(&error)),
            SitesError::Manifest { .. } | SitesError::Pack { .. } | SitesError::Another(_) => {
                Self::Finding(told(&error))
            }
        }
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(_) | LedgerError::Contended(_) => Self::Ledger(told(&error)),
            LedgerError::Tampered { .. } => Self::Finding(told(&error)),
        }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        Self::Call(Box::new(error))
    }
}

impl From<BucketError> for Trouble {
    fn from(error: BucketError) -> Self {
        match error {
            BucketError::Call(error) => error.into(),
            BucketError::NoBucket(_)
            | BucketError::OtherRegion { .. }
            | BucketError::OtherOwner { .. }
            | BucketError::MarkerChanged(_)
            | BucketError::NoObject { .. }
            | BucketError::Corrupted { .. }
            | BucketError::File(_) => Self::Finding(error.to_string()),
        }
    }
}

impl From<CdnError> for Trouble {
    fn from(error: CdnError) -> Self {
        match error {
            CdnError::Call(error) => error.into(),
            CdnError::NoDistribution(_)
            | CdnError::TooManyInProgress(_)
            | CdnError::ReferenceTaken(_)
            | CdnError::NoInvalidation(_) => Self::Finding(error.to_string()),
        }
    }
}

impl From<PlanRefusal> for Trouble {
    fn from(refusal: PlanRefusal) -> Self {
        Self::Finding(refusal.to_string())
    }
}

/// An error with everything that caused it.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
