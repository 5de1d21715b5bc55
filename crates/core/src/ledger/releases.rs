//! Releases in the store: written once, read by everyone.

use crate::{
    identifier::Version,
    ports::{Store, StoreError, StoreKey},
    release::{Release, ReleaseError},
};

/// What is wrong with a stored release.
#[derive(Debug, thiserror::Error)]
pub enum ReleasesError {
    /// The store failed.
    #[error("cannot reach the releases")]
    Store(#[from] StoreError),
    /// There is no such release.
    #[error("there is no release {0}")]
    Missing(Version),
    /// That version is taken by other content.
    #[error("release {version} exists with other content: {difference}")]
    Taken {
        /// The version.
        version: Version,
        /// What differs.
        difference: String,
    },
    /// What is stored is not a release.
    #[error("the release object {key} is damaged")]
    Damaged {
        /// Which object.
        key: StoreKey,
        /// What is wrong with it.
        #[source]
        source: ReleaseError,
    },
}

/// The releases of an application.
#[derive(Clone, Copy)]
pub struct Releases<'a> {
    store: &'a dyn Store,
}

impl std::fmt::Debug for Releases<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Releases").finish_non_exhaustive()
    }
}

/// Whether a creation made something.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a release that was there before was created by somebody else, at another time"]
pub enum Creation {
    /// It was created.
    Created,
    /// The same content was there before.
    AlreadyThere(Box<Release>),
}

impl<'a> Releases<'a> {
    /// The releases in this store.
    pub fn new(store: &'a dyn Store) -> Self {
        Self { store }
    }

    /// Stores a release, once and for ever. The same content again is no mistake.
    ///
    /// # Errors
    /// When the version is taken by other content, or the store fails.
    pub async fn create(&self, release: &Release) -> Result<Creation, ReleasesError> {
        match self.store.create(&key(&release.version), &release.to_json()).await {
            Ok(_) => Ok(Creation::Created),
            Err(StoreError::AlreadyThere(_)) => self.compare(release).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn compare(&self, release: &Release) -> Result<Creation, ReleasesError> {
        let there = self.get(&release.version).await?;
        if there.is_same_content(release) {
            return Ok(Creation::AlreadyThere(Box::new(there)));
        }
        let difference = if there.commit == release.commit {
            "the artifacts differ".to_owned()
        } else {
            format!("it was built from commit {}, not {}", there.commit.short(), release.commit.short())
        };
        Err(ReleasesError::Taken { version: release.version.clone(), difference })
    }

    /// The release of that version.
    ///
    /// # Errors
    /// When there is none, it is damaged, or the store fails.
    pub async fn get(&self, version: &Version) -> Result<Release, ReleasesError> {
        let key = key(version);
        let stored = self.store.get(&key).await?.ok_or_else(|| ReleasesError::Missing(version.clone()))?;
        Release::from_json(&stored.bytes).map_err(|source| ReleasesError::Damaged { key, source })
    }

    /// Every release, oldest first by when it was created.
    ///
    /// # Errors
    /// When one is damaged, or the store fails.
    pub async fn all(&self) -> Result<Vec<Release>, ReleasesError> {
        let mut releases = Vec::new();
        for key in self.store.list(&prefix()).await? {
            let Some(stored) = self.store.get(&key).await? else {
                continue;
            };
            releases.push(Release::from_json(&stored.bytes).map_err(|source| ReleasesError::Damaged { key, source })?);
        }
        releases.sort_by(|one, other| (one.created_at, &one.version).cmp(&(other.created_at, &other.version)));
        Ok(releases)
    }
}

fn key(version: &Version) -> StoreKey {
    format!("releases/{version}.json").parse().expect("a version without build metadata is a key part")
}

fn prefix() -> StoreKey {
    "releases".parse().expect("a plain word is a key")
}
