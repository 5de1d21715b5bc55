//! [`DirectoryStore`]: objects as files below a folder, for one machine or a shared local disk.
//!
//! Creating needs no lock: the file system lets exactly one process put a name where none was. Replacing is done under
//! an exclusive lock on the file `.lock`, which the system lets go when its holder ends, however it ends.
//!
//! It does not hold an object and objects below its name at once, as S3 could, it tells keys apart by case only where
//! the file system does, and it is as good as the locks of the file system: a network one without them will not do.

use std::{
    ffi::OsStr,
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use towpath_core::ports::{Pieces, Revision, Store, StoreError, StoreKey, Stored};

use super::{
    file::{self, Publish},
    trouble::Trouble,
};

/// How long a replacement waits for the lock; a holder needs it for milliseconds.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Objects with compare-and-swap in a folder.
///
/// After `Ok` an object survives a power cut: its content is flushed before its name is, and its name before the answer
/// is given. A power cut during a call leaves either the state before or the state after it, never a part.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// The store in that folder. Nothing is made before the first object is.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, key: &StoreKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Does the work where blocking harms nobody, and words what goes wrong.
    async fn blocking<T: Send + 'static>(
        &self,
        action: &'static str,
        key: &StoreKey,
        work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|_| Err(Trouble::cut(&self.root))).map_err(|trouble| self.told(action, key, &trouble))
    }

    fn told(&self, action: &'static str, key: &StoreKey, trouble: &Trouble) -> StoreError {
        StoreError::Unavailable { action, key: key.to_string(), place: self.place(), reason: trouble.to_string() }
    }
}

#[async_trait]
impl Store for DirectoryStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        let path = self.path(key);
        let whole = self.blocking("read", key, move || file::read(&path)).await?;
        Ok(whole.map(|whole| whole.stored))
    }

    async fn read(&self, key: &StoreKey) -> Result<Option<Pieces>, StoreError> {
        let path = self.path(key);
        let Some(file) = self.blocking("read", key, move || file::open(&path)).await? else {
            return Ok(None);
        };
        let (store, key) = (self.clone(), key.clone());
        let pieces = stream::try_unfold(file, move |mut file| {
            let (store, key) = (store.clone(), key.clone());
            let path = store.path(&key);
            async move {
                let piece = move || Ok(file::piece(&mut file, &path)?.map(|piece| (piece, file)));
                store.blocking("read", &key, piece).await
            }
        });
        Ok(Some(pieces.boxed()))
    }

    async fn create(&self, key: &StoreKey, bytes: &[u8]) -> Result<Revision, StoreError> {
        self.create_large(key, Bytes::copy_from_slice(bytes)).await
    }

    async fn create_large(&self, key: &StoreKey, bytes: Bytes) -> Result<Revision, StoreError> {
        let path = self.path(key);
        let created = self.blocking("create", key, move || create(&path, &bytes)).await?;
        created.ok_or_else(|| StoreError::AlreadyThere(key.clone()))
    }

    async fn replace(&self, key: &StoreKey, bytes: &[u8], expected: &Revision) -> Result<Revision, StoreError> {
        let (root, path) = (self.root.clone(), self.path(key));
        let (bytes, expected) = (bytes.to_vec(), expected.clone());
        let replaced = self.blocking("replace", key, move || replace(&root, &path, &bytes, &expected)).await?;
        replaced.ok_or_else(|| StoreError::Changed(key.clone()))
    }

    async fn list(&self, prefix: &StoreKey) -> Result<Vec<StoreKey>, StoreError> {
        let (root, below) = (self.root.clone(), prefix.to_string());
        self.blocking("list", prefix, move || {
            let mut keys = Vec::new();
            collect(&root, &below, &mut keys)?;
            keys.sort_unstable();
            Ok(keys)
        })
        .await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::now())
    }

    fn place(&self) -> String {
        format!("file:{}", self.root.display())
    }
}

fn create(path: &Path, bytes: &[u8]) -> Result<Option<Revision>, Trouble> {
    // Cheap, and spares the disk a file that would be refused; the move decides all the same.
    if path.exists() {
        return Ok(None);
    }
    file::publish(path, bytes, Publish::New)
}

fn replace(root: &Path, path: &Path, bytes: &[u8], expected: &Revision) -> Result<Option<Revision>, Trouble> {
    let Some(_) = file::read(path)?.filter(|whole| whole.stored.revision == *expected) else {
        return Ok(None);
    };
    let _lock = lock(root)?;
    match file::read(path)? {
        Some(whole) if whole.stored.revision == *expected => file::publish(path, bytes, Publish::Over(whole.written)),
        _ => Ok(None),
    }
}

/// The store's lock, held until the file is closed.
fn lock(root: &Path) -> Result<File, Trouble> {
    let path = root.join(".lock");
    let open = File::options().create(true).truncate(false).write(true).open(&path);
    let file = open.map_err(|error| Trouble::at(&path, &error))?;
    let begun = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(Trouble::at(&path, &error)),
            Err(TryLockError::WouldBlock) if begun.elapsed() > LOCK_PATIENCE => {
                return Err(Trouble::locked(&path));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Adds the keys of all files below the key `below`. Names that no key has (unfinished files, the lock, what others
/// have put there) are passed over.
fn collect(root: &Path, below: &str, keys: &mut Vec<StoreKey>) -> Result<(), Trouble> {
    let folder = root.join(below);
    let trouble = |error| Trouble::at(&folder, &error);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(());
        }
        Err(error) => return Err(trouble(error)),
    };
    for entry in entries {
        let entry = entry.map_err(trouble)?;
        let Some(key) = key_of(below, &entry.file_name()) else {
            continue;
        };
        let kind = entry.file_type().map_err(trouble)?;
        if kind.is_dir() {
            collect(root, key.as_str(), keys)?;
        } else if kind.is_file() {
            keys.push(key);
        }
    }
    Ok(())
}

fn key_of(below: &str, name: &OsStr) -> Option<StoreKey> {
    format!("{below}/{}", name.to_str()?).parse().ok()
}
