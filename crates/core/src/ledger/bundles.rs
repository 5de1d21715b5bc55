//! Signatures in the store that were handed in: each written once, by the image's digest.
//!
//! They are kept for whoever verifies them; being here proves nothing.

use crate::{
    identifier::{Digest, Sha256},
    ports::{Store, StoreError, StoreKey},
    signature::{BundleFormatError, KeptBundle},
};

/// The most bundles of one image that are read.
const MOST: usize = 100;

/// What is wrong with the kept bundles.
#[derive(Debug, thiserror::Error)]
pub enum BundlesError {
    /// The store failed.
    #[error("cannot reach the signatures that were handed in")]
    Store(#[from] StoreError),
    /// What is stored is not a bundle.
    #[error("the signature object {key} is damaged")]
    Damaged {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        #[source]
        source: BundleFormatError,
    },
    /// There are more than are read.
    #[error("more than {MOST} signatures of one image were handed in")]
    TooMany,
}

/// The bundles of an application.
#[derive(Clone, Copy)]
pub struct HandedIn<'a> {
    store: &'a dyn Store,
}

impl std::fmt::Debug for HandedIn<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HandedIn").finish_non_exhaustive()
    }
}

impl<'a> HandedIn<'a> {
    /// The bundles in this store.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// Keeps a bundle, for ever. The same bundle again is no mistake, and changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep(&self, image: &Digest, kept: &KeptBundle) -> Result<(), BundlesError> {
        match self.store.create(&key(image, kept), &kept.to_json()).await {
            Ok(_) | Err(StoreError::AlreadyThere(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// All of that image's.
    ///
    /// # Errors
    /// When one is damaged, there are too many, or the store fails.
    pub async fn of(&self, image: &Digest) -> Result<Vec<KeptBundle>, BundlesError> {
        let keys = self.store.list(&folder(image)).await?;
        if keys.len() > MOST {
            return Err(BundlesError::TooMany);
        }
        let mut bundles = Vec::new();
        for key in keys {
            let Some(stored) = self.store.get(&key).await? else { continue };
            let kept = KeptBundle::from_json(&stored.bytes);
            bundles.push(kept.map_err(|source| BundlesError::Damaged { key, source })?);
        }
        Ok(bundles)
    }
}

fn key(image: &Digest, kept: &KeptBundle) -> StoreKey {
    let hash = Sha256::of(kept.bundle.to_string().as_bytes());
    format!("{}/{hash}.json", folder(image)).parse().expect("hexadecimal digits are a key")
}

fn folder(image: &Digest) -> StoreKey {
    let digits = image.as_str().trim_start_matches("sha256:");
    format!("signatures/{digits}").parse().expect("hexadecimal digits are a key part")
}
