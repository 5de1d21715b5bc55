//! The Store port: objects with compare-and-swap. Ledger, lease and journal are built on it.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use jiff::Timestamp;

use crate::identifier::{InvalidIdentifier, Sha256};

/// The name of an object: path parts joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StoreKey(String);

impl StoreKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl std::str::FromStr for StoreKey {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain);
        if text.len() <= 512 && text.split('/').all(is_part) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidIdentifier {
            what: "a store key",
            value: text.to_owned(),
            rule: "use parts of letters, digits, dots, hyphens and underscores, joined by `/`, none beginning with a dot",
        })
    }
}

impl std::fmt::Display for StoreKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Which state of an object was read: compared, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(pub String);

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its state, for [`Store::replace`].
    pub revision: Revision,
}

impl Stored {
    /// The hash of the content.
    pub fn hash(&self) -> Sha256 {
        Sha256::of(&self.bytes)
    }
}

/// What went wrong with the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// [`Store::create`] found an object already there.
    #[error("`{0}` is already there")]
    AlreadyThere(StoreKey),
    /// [`Store::replace`] found another state than expected, or nothing.
    #[error("`{0}` was changed by somebody else")]
    Changed(StoreKey),
    /// The store could not be reached or refused; whether a write was carried out is not known.
    #[error("cannot {action} `{key}` in {place}: {reason}")]
    Unavailable {
        /// What was tried: `read`, `create`, `replace`, `list`.
        action: &'static str,
        /// The object or prefix.
        key: String,
        /// Which store, for people.
        place: String,
        /// Why, in the system's words.
        reason: String,
    },
}

/// The bytes of an object, one piece after another.
pub type Pieces = BoxStream<'static, Result<Bytes, StoreError>>;

/// Objects with compare-and-swap.
///
/// Every implementation passes [`conformance`](crate::ports::conformance), in one process and across processes.
#[async_trait]
pub trait Store: Send + Sync {
    /// The object, or `None`.
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError>;

    /// The object's bytes piece after piece, or `None`, for what is too large to be in memory at once. All of them are
    /// of one state of the object.
    async fn read(&self, key: &StoreKey) -> Result<Option<Pieces>, StoreError> {
        let stored = self.get(key).await?;
        Ok(stored.map(|stored| stream::iter([Ok(Bytes::from(stored.bytes))]).boxed()))
    }

    /// Creates the object.
    ///
    /// Guarantees: of several creators exactly one succeeds; after `Ok` the object is durable and whole. A reader never
    /// sees a part of it.
    /// Errors: `AlreadyThere`. After `Unavailable`, read to know.
    async fn create(&self, key: &StoreKey, bytes: &[u8]) -> Result<Revision, StoreError>;

    /// As [`Store::create`], of bytes that are too many to be copied on the way.
    async fn create_large(&self, key: &StoreKey, bytes: Bytes) -> Result<Revision, StoreError> {
        self.create(key, &bytes).await
    }

    /// Replaces the object if it is still in the expected state.
    ///
    /// Guarantees: of several that expect the same state exactly one succeeds.
    /// Errors: `Changed`. After `Unavailable`, read to know.
    async fn replace(&self, key: &StoreKey, bytes: &[u8], expected: &Revision) -> Result<Revision, StoreError>;

    /// The keys below `prefix/`, all levels, in byte order.
    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError>;

    /// The store's own time: what leases are measured by.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// The store for people, for example `file:.towpath`.
    fn place(&self) -> String;
}
