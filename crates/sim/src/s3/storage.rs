//! Every bucket there is, whoever's it is.
//!
//! Beside the world, with locks of its own: bodies move while other things happen.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, atomic::AtomicBool},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    blobs::{BlobStore, Data},
    bucket::{Bucket, State},
    checksums::{Algorithm, Digests, Sums},
    errors::{broken, no_such_bucket},
    knobs::S3Knobs,
    names::BucketName,
    rates::Rates,
};
use crate::rest::RestError;

/// The simulated S3.
#[derive(Debug)]
pub(crate) struct S3 {
    pub(super) buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
    pub(super) blobs: Arc<BlobStore>,
    pub(super) knobs: S3Knobs,
    pub(super) rates: Rates,
    /// Whether something changed since it was last kept.
    pub(super) is_dirty: AtomicBool,
}

impl S3 {
    pub(super) fn new(blobs: BlobStore, knobs: S3Knobs) -> Self {
        let (buckets, rates) = (RwLock::default(), Rates::default());
        Self { buckets, blobs: Arc::new(blobs), knobs, rates, is_dirty: AtomicBool::new(true) }
    }

    /// How long every request takes at least.
    pub(crate) fn latency(&self) -> Option<Duration> {
        (self.knobs.latency_ms > 0).then(|| Duration::from_millis(self.knobs.latency_ms))
    }

    pub(crate) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, RestError> {
        let buckets = self.buckets.read().unwrap_or_else(PoisonError::into_inner);
        buckets.get(name).cloned().ok_or_else(|| no_such_bucket(name))
    }

    /// All buckets, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Every object that can be read now, for people.
    pub(crate) fn shown(&self) -> Vec<Value> {
        let of = |bucket: &Arc<Bucket>| {
            let state = bucket.state();
            let keys = state.contents.keys.iter();
            let newest = keys.filter_map(|(key, versions)| Some((key, versions.last()?)));
            let shown = newest.filter_map(|(key, version)| {
                let object = version.object()?;
                Some(json!({
                    "bucket": bucket.name.as_str(),
                    "key": key.as_str(),
                    "size": object.length,
                    "etag": object.etag,
                    "modified": version.modified,
                    "headers": object.metadata.headers,
                    "metadata": object.metadata.user,
                }))
            });
            shown.collect::<Vec<_>>()
        };
        self.all().iter().flat_map(of).collect()
    }

    /// Every upload in parts that nobody has ended, for people.
    pub(crate) fn under_way(&self) -> Vec<Value> {
        let of = |bucket: &Arc<Bucket>| {
            let state = bucket.state();
            let uploads = state.contents.uploads.values();
            let shown = uploads.map(|upload| {
                json!({
                    "bucket": bucket.name.as_str(),
                    "key": upload.key.as_str(),
                    "parts": upload.parts.len(),
                    "begun": upload.begun,
                })
            });
            shown.collect::<Vec<_>>()
        };
        self.all().iter().flat_map(of).collect()
    }

    /// Adds a bucket, or answers the one that has the name.
    pub(super) fn add(
        &self,
        name: &BucketName,
        account: &str,
        region: &str,
        now: Timestamp,
    ) -> Result<(), Arc<Bucket>> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(existing) = buckets.get(name.as_str()) {
            return Err(Arc::clone(existing));
        }
        let bucket = Bucket::new(name.clone(), account, region, now, State::default());
        buckets.insert(name.as_str().to_owned(), Arc::new(bucket));
        Ok(())
    }

    /// Removes a bucket that is empty.
    pub(super) fn remove(&self, bucket: &Bucket) -> Result<(), RestError> {
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if !bucket.state().contents.keys.is_empty() {
            let message = "The bucket you tried to delete is not empty";
            return Err(RestError::new(409, "BucketNotEmpty", message).with("BucketName", bucket.name.as_str()));
        }
        buckets.remove(bucket.name.as_str());
        Ok(())
    }

    /// Computes over bytes that are on disk already.
    pub(super) async fn sums(&self, data: &Data, algorithms: Vec<Algorithm>) -> Result<Sums, RestError> {
        const PIECE: u64 = 1024 * 1024;
        let data = data.clone();
        let computed = tokio::task::spawn_blocking(move || {
            let mut digests = Digests::new(algorithms);
            let mut at = 0;
            while at < data.length() {
                digests.update(&data.slice(at, at + PIECE).read()?);
                at += PIECE;
            }
            Ok(digests.finish())
        });
        let computed: std::io::Result<Sums> = computed.await.map_err(std::io::Error::other).and_then(|sums| sums);
        computed.map_err(|error| broken(&error))
    }
}
