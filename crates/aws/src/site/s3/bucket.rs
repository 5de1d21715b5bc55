//! The Bucket port on S3.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use towpath_core::{
    identifier::{AccountId, BucketName, Sha256},
    ports::{
        Bucket, BucketError, Copy, Deleted, ETag, Examined, Listed, Progress, PutMarker, SiteFiles, StoredMarker,
        Upload, Waved,
    },
    site::{Home, SiteObject, SitePath},
};

use crate::Aws;

use super::{
    client::Client, copy::Copies, delete, head, http::Clients, keyring::Keyring, lane::Lane, limits::Limits, list,
    marker, place::Place, upload::Uploads,
};

/// S3, as one environment's caller.
///
/// Every body is signed with its SHA-256, which S3 verifies, and kept with it as its checksum. Of a file that is sent
/// in parts S3 keeps only the parts' checksums: its SHA-256 is in the object's metadata then.
///
/// Where it is known to which account a bucket belongs, every request says so, and S3 refuses it where that is another.
#[derive(Clone)]
pub struct S3Bucket {
    aws: Aws,
    endpoint: Option<String>,
    keyring: Arc<Keyring>,
    clients: Arc<Clients>,
    limits: Limits,
    owners: Arc<BTreeMap<BucketName, AccountId>>,
    buckets: Arc<Mutex<BTreeMap<BucketName, Client>>>,
}

impl S3Bucket {
    pub(crate) fn new(aws: Aws) -> Self {
        let connect = aws.patience().connect;
        Self {
            endpoint: aws.endpoint_of("S3"),
            keyring: Arc::new(Keyring::new(aws.credentials())),
            clients: Arc::new(Clients::new(connect)),
            limits: Limits::default(),
            owners: Arc::default(),
            buckets: Arc::default(),
            aws,
        }
    }

    /// The same with other limits.
    #[must_use = "the bucket itself keeps its limits"]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same, as long as each of these buckets is that account's.
    #[must_use = "the bucket itself expects nobody"]
    pub fn owned_by(self, owners: BTreeMap<BucketName, AccountId>) -> Self {
        Self { owners: Arc::new(owners), buckets: Arc::default(), ..self }
    }

    fn client(&self, bucket: &BucketName) -> Client {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let owner = self.owners.get(bucket);
        buckets.entry(bucket.clone()).or_insert_with(|| self.made(bucket, owner)).clone()
    }

    fn made(&self, bucket: &BucketName, owner: Option<&AccountId>) -> Client {
        let place = Place::new(bucket.as_str(), self.aws.region(), self.endpoint.as_deref()).owned_by(owner.cloned());
        let (keyring, clients) = (Arc::clone(&self.keyring), Arc::clone(&self.clients));
        Client::new(place, keyring, clients, self.aws.patience().clone())
    }

    /// S3 refuses a bucket of another account like whatever is not allowed. It is asked once more, for the same and
    /// without an owner: where it answers then, it was the owner.
    async fn refused(&self, home: &Home, expected: &AccountId, error: BucketError) -> BucketError {
        let bucket = home.bucket.clone();
        match marker::read(&self.made(&bucket, None), home).await {
            Ok(_) => BucketError::OtherOwner { bucket, expected: expected.clone() },
            Err(_) => error,
        }
    }
}

/// Who calls is not shown.
impl fmt::Debug for S3Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("S3Bucket");
        shown.field("endpoint", &self.endpoint).field("limits", &self.limits).finish_non_exhaustive()
    }
}

#[async_trait]
impl Bucket for S3Bucket {
    async fn marker(&self, home: &Home) -> Result<Option<StoredMarker>, BucketError> {
        let read = marker::read(&self.client(&home.bucket), home).await;
        match (read, self.owners.get(&home.bucket)) {
            (Err(error), Some(expected)) if error.is_denied() => Err(self.refused(home, expected, error).await),
            (read, _) => read,
        }
    }

    async fn put_marker(&self, home: &Home, marker: &PutMarker) -> Result<ETag, BucketError> {
        marker::write(&self.client(&home.bucket), home, marker).await
    }

    async fn upload(&self, home: &Home, wave: &[Upload], files: &dyn SiteFiles, progress: &dyn Progress) -> Waved {
        let client = self.client(&home.bucket);
        Uploads::new(&client, home, files, progress, self.limits).run(wave).await
    }

    async fn copy(&self, home: &Home, wave: &[Copy], progress: &dyn Progress) -> Waved {
        let client = self.client(&home.bucket);
        let sources = |home: &Home| self.client(&home.bucket);
        let lane = Lane::new(&client);
        Copies { lane, home, sources: &sources, progress, limits: self.limits }.run(wave).await
    }

    async fn delete(&self, home: &Home, objects: &[SiteObject]) -> Result<Deleted, BucketError> {
        delete::delete(&self.client(&home.bucket), home, objects).await
    }

    async fn list(&self, home: &Home) -> Result<Vec<Listed>, BucketError> {
        list::list(&self.client(&home.bucket), home).await
    }

    async fn kept(&self, home: &Home) -> Result<BTreeSet<Sha256>, BucketError> {
        list::kept(&self.client(&home.bucket), home).await
    }

    async fn examine(&self, home: &Home, paths: &[SitePath]) -> Result<Vec<Examined>, BucketError> {
        head::examine(&self.client(&home.bucket), home, paths).await
    }
}
