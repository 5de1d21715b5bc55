//! Keeping S3 over a restart: bodies are on disk anyhow, what names them is a file beside the state.
//!
//! A file that cannot be read, or that names bodies which are not there, is an error, never a reason to begin anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    blobs::{BlobStore, Data},
    bucket::{Bucket, State},
    knobs::S3Knobs,
    names::BucketName,
    storage::S3,
};
use crate::state::StateError;

const VERSION: u32 = 1;
/// The file, below the state folder.
const FILE: &str = "s3.json";
/// The folder of the bodies.
const FOLDER: &str = "s3";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    version: u32,
    knobs: S3Knobs,
    buckets: Vec<SavedBucket>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedBucket {
    name: BucketName,
    account: String,
    region: String,
    created: Timestamp,
    state: State,
}

impl S3 {
    /// An S3 with nothing in it that ends with the simulator.
    pub(crate) fn temporary(knobs: S3Knobs) -> Result<Self, StateError> {
        let blobs = BlobStore::temporary();
        let blobs = blobs.map_err(|source| StateError::Write { path: std::env::temp_dir(), source })?;
        Ok(Self::new(blobs, knobs))
    }

    /// An S3 below a state folder, and whether it was there before.
    pub(crate) fn kept(folder: &Path, knobs: S3Knobs) -> Result<(Self, bool), StateError> {
        let path = folder.join(FILE);
        let unreadable = |source| StateError::Read { path: path.clone(), source };
        let blobs = BlobStore::kept(&folder.join(FOLDER)).map_err(unreadable)?;
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Self::new(blobs, knobs), false)),
            Err(source) => return Err(unreadable(source)),
        };
        let saved: Saved =
            serde_json::from_slice(&text).map_err(|source| StateError::Corrupt { path: path.clone(), source })?;
        if saved.version != VERSION {
            return Err(StateError::Version { path, found: saved.version });
        }
        loaded(saved, blobs).map(|s3| (s3, true)).map_err(unreadable)
    }

    /// Keeps what changed, if anything did.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), StateError> {
        if !self.is_dirty.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let kept = self.write(&folder.join(FILE));
        if kept.is_err() {
            self.is_dirty.store(true, Ordering::Relaxed);
        }
        kept
    }

    fn write(&self, path: &Path) -> Result<(), StateError> {
        let saved = Saved { version: VERSION, knobs: self.knobs.clone(), buckets: self.saved() };
        let text = serde_json::to_vec(&saved).map_err(|source| StateError::Encode { path: path.to_owned(), source })?;
        put(path, &text).map_err(|source| StateError::Write { path: path.to_owned(), source })
    }

    fn saved(&self) -> Vec<SavedBucket> {
        let saved = |bucket: Arc<Bucket>| SavedBucket {
            name: bucket.name.clone(),
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            created: bucket.created,
            state: bucket.state().clone(),
        };
        self.all().into_iter().map(saved).collect()
    }
}

/// Writes a file whole and puts it in place at once.
fn put(path: &Path, text: &[u8]) -> io::Result<()> {
    let new: PathBuf = path.with_extension("json.new");
    let mut file = fs::File::create(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

fn loaded(saved: Saved, blobs: BlobStore) -> io::Result<S3> {
    let (mut buckets, mut files) = (BTreeMap::new(), BTreeSet::new());
    for SavedBucket { name, account, region, created, mut state } in saved.buckets {
        for data in state.bodies() {
            data.attach(&blobs)?;
            files.extend(data.files().map(str::to_owned));
        }
        buckets.insert(name.as_str().to_owned(), Arc::new(Bucket::new(name, &account, &region, created, state)));
    }
    blobs.forget_all_but(&files)?;
    let s3 = S3::new(blobs, saved.knobs);
    *s3.buckets.write().unwrap_or_else(PoisonError::into_inner) = buckets;
    Ok(s3)
}

impl State {
    /// Every body that it names.
    fn bodies(&mut self) -> impl Iterator<Item = &mut Data> {
        let versions = self.contents.keys.values_mut().flatten();
        let objects = versions.filter_map(|version| Arc::get_mut(version)?.object.as_mut());
        let parts = self.contents.uploads.values_mut().flat_map(|upload| upload.parts.values_mut());
        objects.map(|object| &mut object.data).chain(parts.map(|part| &mut part.data))
    }
}
