//! Scanners' reports in the store: each written once, by the image's digest; the newest counts.

use crate::{
    identifier::{Digest, Sha256},
    ports::{Store, StoreError, StoreKey},
    scan::{KeptReport, ReportFormatError},
};

/// What is wrong with the kept reports.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The store failed.
    #[error("cannot reach the scanners' reports")]
    Store(#[from] StoreError),
    /// What is stored is not a report.
    #[error("the report object {key} is damaged")]
    Damaged {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        #[source]
        source: ReportFormatError,
    },
}

/// The reports of an application.
#[derive(Clone, Copy)]
pub struct Reports<'a> {
    store: &'a dyn Store,
}

impl std::fmt::Debug for Reports<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Reports").finish_non_exhaustive()
    }
}

impl<'a> Reports<'a> {
    /// The reports in this store.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// Keeps a report, for ever. The same scan again is no mistake, and changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep(&self, kept: &KeptReport) -> Result<(), ReportsError> {
        match self.store.create(&key(kept), &kept.to_json()).await {
            Ok(_) | Err(StoreError::AlreadyThere(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The newest report on that image, whichever scanner made it.
    ///
    /// # Errors
    /// When one is damaged, or the store fails.
    pub async fn newest(&self, image: &Digest) -> Result<Option<KeptReport>, ReportsError> {
        let Some(key) = self.store.list(&folder(image)).await?.pop() else {
            return Ok(None);
        };
        let Some(stored) = self.store.get(&key).await? else {
            return Ok(None);
        };
        let kept = KeptReport::from_json(&stored.bytes);
        kept.map(Some).map_err(|source| ReportsError::Damaged { key, source })
    }
}

/// By date, so that the newest is the last; then by what it says, so that two scans of one instant are two.
fn key(kept: &KeptReport) -> StoreKey {
    let date = kept.dated().strftime("%Y%m%dT%H%M%S%9fZ");
    let hash = Sha256::of(&serde_json::to_vec(&kept.report).unwrap_or_default());
    let key = format!("{}/{date}-{}.json", folder(&kept.report.image), &hash.as_str()[..12]);
    key.parse().expect("digits, letters and hyphens are a key")
}

fn folder(image: &Digest) -> StoreKey {
    let digits = image.as_str().trim_start_matches("sha256:");
    format!("scans/{digits}").parse().expect("hexadecimal digits are a key part")
}
