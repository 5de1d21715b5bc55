//! The Bucket port: what a site's bucket holds, and what is written to it, a whole wave at a time.
//!
//! How many connections, retries and parts that takes is the adapter's. What is written when is `site`'s to say.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    identifier::{AccountId, BucketName, Region, Sha256},
    site::{Content, Headers, Home, SiteObject, SitePath},
};

use super::{CallError, FileError, SiteFiles};

/// Which state of an object was read: compared, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ETag(
    /// As S3 gave it, with its quotation marks.
    pub String,
);

/// The marker as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMarker {
    /// Its content.
    pub bytes: Bytes,
    /// Its state, for [`PutMarker::expected`].
    pub etag: ETag,
}

/// What the marker must still be for it to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarkerState {
    /// Not there.
    Absent,
    /// In this state.
    Is(ETag),
}

/// The marker to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutMarker {
    /// Its content.
    pub bytes: Bytes,
    /// What it must still be.
    pub expected: MarkerState,
}

/// Where an upload's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadSource {
    /// The file of that path in the directory that is handed in with the wave.
    File(SitePath),
    /// These.
    Bytes(Bytes),
}

/// One object to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Which.
    pub to: SiteObject,
    /// What its bytes must be.
    pub content: Content,
    /// What it is served with.
    pub headers: Headers,
    /// Where they come from.
    pub source: UploadSource,
}

/// One object to copy inside of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Where the bytes are: this site's home, or that of another environment.
    pub home: Home,
    /// Which object there.
    pub from: SiteObject,
    /// Which object here. It may be the same, to give it other headers.
    pub to: SiteObject,
    /// What its bytes must be.
    pub content: Content,
    /// What it is served with, whatever the source is served with.
    pub headers: Headers,
}

/// What a wave carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Carried {
    /// How many objects.
    pub objects: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many requests that took, those that were made again among them.
    pub requests: u64,
}

/// One object that a wave did not carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{object}: {error}")]
pub struct Failure {
    /// Which.
    pub object: SiteObject,
    /// Why.
    pub error: BucketError,
}

/// A wave that is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} could not be written, and {not_begun} more were not begun", failures.len())]
pub struct Missed {
    /// What failed for good, at least one. An ambiguous failure may have written its object all the same.
    pub failures: Vec<Failure>,
    /// How many were not begun after that.
    pub not_begun: usize,
    /// What was carried.
    pub carried: Carried,
}

/// What became of a wave.
pub type Waved = Result<Carried, Missed>;

/// One object as a listing has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key below the prefix, as it is; anybody may have written it.
    pub key: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its state.
    pub etag: ETag,
}

/// One object as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its path.
    pub path: SitePath,
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to, where S3 knows: only where whoever wrote it had S3 compute that, over the whole object.
    pub sha256: Option<Sha256>,
    /// What it is served with; nothing where it is not something that Towpath could have written.
    pub headers: Option<Headers>,
}

/// What became of deletions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "a bulk deletion answers success with failures in it"]
pub struct Deleted {
    /// What is not there any more, or was not there before.
    pub gone: Vec<SiteObject>,
    /// What is still there, or may be.
    pub failed: Vec<Failure>,
}

/// Why something about a bucket failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// A call failed; its fault says what that proves. Denied, throttled and lost contact are here.
    #[error(transparent)]
    Call(#[from] CallError),
    /// There is no such bucket.
    #[error("the bucket {0} does not exist")]
    NoBucket(BucketName),
    /// It is in another region than the environment.
    #[error("the bucket {bucket} is in {found}, not in {expected}")]
    OtherRegion {
        /// The bucket.
        bucket: BucketName,
        /// Where it is, where S3 says so.
        found: Region,
        /// The environment's region.
        expected: Region,
    },
    /// It is another account's than is configured: S3 answers who does not ask for an owner, and refuses who does.
    #[error(
        "the bucket {bucket} does not belong to account {expected}; name the account that it belongs to as `bucket-account` if that is right"
    )]
    OtherOwner {
        /// The bucket.
        bucket: BucketName,
        /// Whose it should be.
        expected: AccountId,
    },
    /// The marker is not as it was read: somebody else published meanwhile. Nothing was written.
    #[error("somebody else has changed what is live in {0}")]
    MarkerChanged(Home),
    /// What is to be copied is not there.
    #[error("there is no {object} in {home}")]
    NoObject {
        /// Where.
        home: Home,
        /// Which.
        object: SiteObject,
    },
    /// The bytes that arrived, or are there, are not those that the manifest names. Nothing serves them.
    #[error("the bytes of {object} are not those of the manifest")]
    Corrupted {
        /// Which object.
        object: SiteObject,
    },
    /// This machine does not give the bytes.
    #[error(transparent)]
    File(#[from] FileError),
}

impl BucketError {
    /// The failed call, where it is one.
    pub fn call(&self) -> Option<&CallError> {
        match self {
            Self::Call(error) => Some(error),
            Self::NoBucket(_)
            | Self::OtherRegion { .. }
            | Self::OtherOwner { .. }
            | Self::MarkerChanged(_)
            | Self::NoObject { .. }
            | Self::Corrupted { .. }
            | Self::File(_) => None,
        }
    }

    /// Whether the same may succeed a little later.
    pub fn is_passing(&self) -> bool {
        self.call().is_some_and(|error| error.is_passing() || error.is_ambiguous())
    }

    /// Whether the caller lacks a permission.
    pub fn is_denied(&self) -> bool {
        self.call().is_some_and(CallError::is_denied)
    }
}

/// Is told how a wave gets on.
pub trait Progress: Send + Sync {
    /// This many bytes more were sent; bytes that are sent again are not told again.
    fn sent(&self, bytes: u64);

    /// One object more is there.
    fn finished(&self, object: &SiteObject);
}

/// Nobody wants to know.
impl Progress for () {
    fn sent(&self, _: u64) {}
    fn finished(&self, _: &SiteObject) {}
}

/// The buckets of one environment's sites.
///
/// A wave is given as a whole. Its objects are written in any order, several at a time; all of them are there, with
/// these bytes and headers, when the call comes back with `Ok`. What is throttled or may pass is tried again within the
/// wave. After the first failure for good nothing new of the wave is begun, and what is under way is finished.
#[async_trait]
pub trait Bucket: Send + Sync {
    /// The site's marker; `None` where there is none. One request, unless it is refused.
    ///
    /// Errors: `NoBucket`; `OtherRegion` where it is not in the environment's; `OtherOwner` where that is certain; denied as
    /// [`BucketError::Call`].
    async fn marker(&self, home: &Home) -> Result<Option<StoredMarker>, BucketError>;

    /// Writes the marker if it is still as expected. One request where nothing goes wrong.
    ///
    /// Guarantees: of several that expect the same state one succeeds. An answer that got lost is settled by reading,
    /// so `Ok` and `MarkerChanged` are certain.
    ///
    /// Errors: `MarkerChanged`.
    async fn put_marker(&self, home: &Home, marker: &PutMarker) -> Result<ETag, BucketError>;

    /// Writes a wave, each object once it was verified on its way: S3 itself refuses bytes with another hash.
    ///
    /// Idempotence: writes what is there already again, with the same result.
    ///
    /// Errors: of each object; `File` where the directory does not give its bytes.
    async fn upload(&self, home: &Home, wave: &[Upload], files: &dyn SiteFiles, progress: &dyn Progress) -> Waved;

    /// Copies a wave without its bytes coming here, from this bucket or another one, whichever account it is in.
    ///
    /// Guarantees: the bytes are those that are named, by S3's own checksum or, where the source has none, as good as
    /// its length and state can tell; the adapter says which in its own documentation.
    ///
    /// Errors: of each object; `NoObject`, `Corrupted`.
    async fn copy(&self, home: &Home, wave: &[Copy], progress: &dyn Progress) -> Waved;

    /// Deletes these, and looks at the answer for each. What is not there counts as gone.
    ///
    /// Errors: only where not even one call was answered; otherwise they are in [`Deleted::failed`].
    async fn delete(&self, home: &Home, objects: &[SiteObject]) -> Result<Deleted, BucketError>;

    /// Everything below the prefix but Towpath's own folder, in the order of the keys' bytes.
    async fn list(&self, home: &Home) -> Result<Vec<Listed>, BucketError>;

    /// What the large files hash to that are kept aside in Towpath's own folder. One request, unless they are many.
    async fn kept(&self, home: &Home) -> Result<BTreeSet<Sha256>, BucketError>;

    /// Looks at these files one by one, several at a time: one request each. What is not there is left out.
    async fn examine(&self, home: &Home, paths: &[SitePath]) -> Result<Vec<Examined>, BucketError>;
}
