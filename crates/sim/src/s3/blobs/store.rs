//! The folder of all segments: below the state folder, or a temporary one.
//!
//! Kept segments are removed only at the start, when nothing refers to them: a crash loses nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tempfile::TempDir;

use super::{data::Data, segment::Segment};

/// A file of small bodies is followed by another one when it is as long as this.
const FULL: u64 = 64 * 1024 * 1024;

/// Where bytes are kept.
#[derive(Debug)]
pub(crate) struct BlobStore {
    folder: PathBuf,
    /// The folder of a run without state; it goes with the run.
    temporary: Option<TempDir>,
    next: AtomicU64,
    /// What small bodies are written to.
    pack: Mutex<Option<Arc<Segment>>>,
    /// The segments of an earlier run.
    found: Mutex<BTreeMap<String, Arc<Segment>>>,
}

impl BlobStore {
    /// A store that ends with the simulator.
    pub(in crate::s3) fn temporary() -> io::Result<Self> {
        let temporary = tempfile::Builder::new().prefix("towpath-sim-").tempdir()?;
        Ok(Self::in_folder(temporary.path().to_owned(), Some(temporary), 0))
    }

    /// The store in `folder`, which is made if it is not there.
    pub(in crate::s3) fn kept(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut last = 0;
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            last = last.max(name.to_str().and_then(|name| name.parse().ok()).unwrap_or(0));
        }
        Ok(Self::in_folder(folder.to_owned(), None, last))
    }

    fn in_folder(folder: PathBuf, temporary: Option<TempDir>, last: u64) -> Self {
        Self { folder, temporary, next: AtomicU64::new(last + 1), pack: Mutex::default(), found: Mutex::default() }
    }

    #[cfg(test)]
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A new file for one large body.
    pub(super) fn create(&self) -> io::Result<Arc<Segment>> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Segment::create(&self.folder, number.to_string(), self.temporary.is_none()).map(Arc::new)
    }

    /// Keeps a small body among others.
    pub(in crate::s3) fn pack(&self, bytes: &[u8]) -> io::Result<Data> {
        let segment = self.open_pack()?;
        let at = segment.append(bytes)?;
        Ok(Data::of(segment, at, bytes.len() as u64))
    }

    fn open_pack(&self) -> io::Result<Arc<Segment>> {
        let mut pack = self.pack.lock().unwrap_or_else(PoisonError::into_inner);
        match &*pack {
            Some(segment) if segment.length() < FULL => Ok(Arc::clone(segment)),
            Some(_) | None => {
                let segment = self.create()?;
                *pack = Some(Arc::clone(&segment));
                Ok(segment)
            }
        }
    }

    /// A file of an earlier run.
    pub(super) fn segment(&self, name: &str) -> io::Result<Arc<Segment>> {
        // A name is a number: nothing outside the folder can be meant.
        let number: u64 = name.parse().map_err(io::Error::other)?;
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(segment) = found.get(name) {
            return Ok(Arc::clone(segment));
        }
        let segment = Arc::new(Segment::open(&self.folder, &number.to_string())?);
        found.insert(name.to_owned(), Arc::clone(&segment));
        Ok(segment)
    }

    /// Removes the files of an earlier run that nothing refers to.
    pub(in crate::s3) fn forget_all_but(&self, wanted: &BTreeSet<String>) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_ours = name.to_str().is_some_and(|name| name.parse::<u64>().is_ok() && !wanted.contains(name));
            if is_ours {
                fs::remove_file(entry.path())?;
            }
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}
