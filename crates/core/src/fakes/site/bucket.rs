//! [`FakeBuckets`]: buckets in memory that can stop taking writes at any one of them.

use std::{collections::BTreeMap, sync::Mutex};

use bytes::Bytes;

use crate::{
    fakes::mishap::locked,
    identifier::{BucketName, Sha256},
    ports::{BucketError, CallError, ETag, Fault},
    site::{Home, SiteObject},
};

/// An object as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeObject {
    /// Its bytes.
    pub bytes: Bytes,
    /// What it is served with; nothing for the marker.
    pub headers: Option<crate::site::Headers>,
    pub(super) etag: ETag,
}

/// Every object of every bucket, by bucket and key.
pub(super) type Objects = BTreeMap<(BucketName, String), FakeObject>;

/// What happens once as many objects were written as were allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Every later write is refused.
    Denied,
    /// Whoever writes next waits for ever: the run is killed there.
    Killed,
}

/// Is shown all objects after every single write and deletion.
type Watcher = Box<dyn Fn(&Contents<'_>) + Send>;

/// All objects, to look at.
pub(super) struct Contents<'a>(pub(super) &'a Objects);

#[derive(Default)]
pub(super) struct State {
    pub(super) buckets: Vec<BucketName>,
    pub(super) objects: Objects,
    pub(super) requests: Vec<String>,
    /// How many more objects are written before it stops.
    pub(super) stop: Option<(usize, Stop)>,
    pub(super) is_killed: bool,
    numbers: u64,
    watcher: Option<Watcher>,
}

/// Buckets. One exists once it was made.
#[derive(Default)]
pub struct FakeBuckets(pub(super) Mutex<State>);

impl std::fmt::Debug for FakeBuckets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FakeBuckets").finish_non_exhaustive()
    }
}

impl FakeBuckets {
    /// No buckets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a bucket.
    pub fn create(&self, bucket: &BucketName) {
        locked(&self.0).buckets.push(bucket.clone());
    }

    /// The bytes of an object, where it is there.
    pub fn bytes(&self, home: &Home, object: &SiteObject) -> Option<Bytes> {
        self.object(&home.bucket, &home.key(object)).map(|object| object.bytes)
    }

    /// An object by its whole key.
    pub fn object(&self, bucket: &BucketName, key: &str) -> Option<FakeObject> {
        locked(&self.0).objects.get(&(bucket.clone(), key.to_owned())).cloned()
    }

    /// The keys of a bucket.
    pub fn keys(&self, bucket: &BucketName) -> Vec<String> {
        let state = locked(&self.0);
        state.objects.keys().filter(|(of, _)| of == bucket).map(|(_, key)| key.clone()).collect()
    }

    /// Somebody else writes an object.
    pub fn put(&self, bucket: &BucketName, key: &str, bytes: &[u8]) {
        locked(&self.0).write((bucket.clone(), key.to_owned()), Bytes::copy_from_slice(bytes), None);
    }

    /// Somebody deletes an object.
    pub fn remove(&self, bucket: &BucketName, key: &str) {
        locked(&self.0).objects.remove(&(bucket.clone(), key.to_owned()));
    }

    /// Every object of every bucket: its bucket, its key, its bytes.
    pub fn contents(&self) -> Vec<(BucketName, String, Bytes)> {
        let state = locked(&self.0);
        let told = state.objects.iter();
        told.map(|((bucket, key), object)| (bucket.clone(), key.clone(), object.bytes.clone())).collect()
    }

    /// Holds the same objects as the other ones.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        let (mut state, other) = (locked(&self.0), locked(&other.0));
        state.buckets = other.buckets.clone();
        state.objects = other.objects.clone();
        state.numbers = other.numbers;
    }

    /// Every request so far: what was asked, and of which key.
    pub fn requests(&self) -> Vec<String> {
        locked(&self.0).requests.clone()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        locked(&self.0).requests.clear();
    }

    /// After so many more objects were written, this happens; `None` for never.
    pub fn stop_after(&self, stop: Option<(usize, Stop)>) {
        let mut state = locked(&self.0);
        state.stop = stop;
        state.is_killed = false;
    }

    /// Whether somebody waits for ever.
    pub fn is_killed(&self) -> bool {
        locked(&self.0).is_killed
    }

    /// Shows this every object by its key, after every single write and deletion.
    pub fn watch(&self, watcher: impl Fn(&BTreeMap<String, Bytes>) + Send + 'static) {
        let shown = move |contents: &Contents<'_>| {
            let all = contents.0.iter().map(|((_, key), object)| (key.clone(), object.bytes.clone()));
            watcher(&all.collect());
        };
        locked(&self.0).watcher = Some(Box::new(shown));
    }
}

impl State {
    pub(super) fn require(&mut self, what: &str, bucket: &BucketName, key: &str) -> Result<(), BucketError> {
        self.requests.push(format!("{what} {key}"));
        if self.buckets.contains(bucket) { Ok(()) } else { Err(BucketError::NoBucket(bucket.clone())) }
    }

    /// Whether a write is carried out; what stops it, where something does.
    pub(super) fn admit(&mut self) -> Option<Stop> {
        match &mut self.stop {
            Some((0, stop)) => Some(*stop),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }

    pub(super) fn write(
        &mut self,
        place: (BucketName, String),
        bytes: Bytes,
        headers: Option<crate::site::Headers>,
    ) -> ETag {
        self.numbers += 1;
        let etag = ETag(format!("\"{}-{}\"", self.numbers, &Sha256::of(&bytes).as_str()[..8]));
        self.objects.insert(place, FakeObject { bytes, headers, etag: etag.clone() });
        self.show();
        etag
    }

    pub(super) fn show(&self) {
        if let Some(watcher) = &self.watcher {
            watcher(&Contents(&self.objects));
        }
    }
}

/// What is answered to a write that is refused.
pub(super) fn denied(operation: &str) -> BucketError {
    let fault = Fault::Denied { principal: None, action: Some(operation.to_owned()), resource: None };
    let message = "as the test asked for".to_owned();
    CallError { operation: operation.to_owned(), fault, code: None, message }.into()
}
