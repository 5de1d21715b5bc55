//! Where layers lie: a file for each digest, below the state's folder or in a temporary one.
//!
//! A file that no repository has any longer stays until the folder goes: a simulator does not live long.

use std::collections::BTreeMap;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tempfile::TempDir;

use super::upload::{Upload, UploadError};

/// The files of the layers, and the uploads that go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct BlobStore {
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Debug, Default)]
struct Shelf {
    folder: Folder,
    uploads: BTreeMap<String, Arc<Mutex<Upload>>>,
    begun: u64,
}

/// The folder: a given one, or a temporary one that is made when it is needed first.
#[derive(Debug, Default)]
enum Folder {
    #[default]
    NotYet,
    Given(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn path(&mut self) -> io::Result<&Path> {
        if matches!(self, Self::NotYet) {
            let folder = TempDir::with_prefix("towpath-sim-")?;
            prepare(folder.path())?;
            *self = Self::Temporary(folder);
        }
        match self {
            Self::Given(path) => Ok(path),
            Self::Temporary(folder) => Ok(folder.path()),
            Self::NotYet => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("blobs"))?;
    let uploads = folder.join("uploads");
    if uploads.exists() {
        // What is left of uploads that a simulator before this one did not see to their end.
        fs::remove_dir_all(&uploads)?;
    }
    fs::create_dir_all(uploads)
}

impl BlobStore {
    /// The store in `folder`, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        prepare(folder)?;
        let shelf = Shelf { folder: Folder::Given(folder.to_owned()), ..Shelf::default() };
        Ok(Self { shelf: Arc::new(Mutex::new(shelf)) })
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an upload for `owner`, and answers its id.
    pub(crate) fn begin(&self, owner: &str) -> io::Result<String> {
        let mut inner = self.lock();
        inner.begun += 1;
        let id = format!("00000000-0000-4000-9000-{:012x}", inner.begun);
        let path = inner.folder.path()?.join("uploads").join(&id);
        let upload = Upload::create(owner, path)?;
        inner.uploads.insert(id.clone(), Arc::new(Mutex::new(upload)));
        Ok(id)
    }

    /// The upload `id` of `owner`, if it goes on.
    pub(crate) fn upload(&self, id: &str, owner: &str) -> Option<Arc<Mutex<Upload>>> {
        let upload = self.lock().uploads.get(id).map(Arc::clone)?;
        let is_owners = lock(&upload).owner == owner;
        is_owners.then_some(upload)
    }

    /// Forgets an upload.
    pub(crate) fn cancel(&self, id: &str) {
        if let Some(upload) = self.lock().uploads.remove(id) {
            // A file that cannot be removed goes with the folder.
            drop(fs::remove_file(&lock(&upload).path));
        }
    }

    /// Makes a layer of an upload, if its digest is `expected`, and answers its size; an upload with another digest is
    /// forgotten.
    pub(crate) fn finish(&self, id: &str, expected: &str) -> Result<u64, UploadError> {
        let upload = self.lock().uploads.get(id).map(Arc::clone).ok_or(UploadError::Gone)?;
        let (found, size, from) = {
            let upload = lock(&upload);
            (upload.digest(), upload.size(), upload.path.clone())
        };
        if found != expected {
            self.cancel(id);
            return Err(UploadError::Digest { found });
        }
        let to = self.path(&found)?;
        fs::rename(from, to)?;
        self.lock().uploads.remove(id);
        Ok(size)
    }

    /// The file of a layer.
    pub(crate) fn open_layer(&self, digest: &str) -> io::Result<File> {
        File::open(self.path(digest)?)
    }

    fn path(&self, digest: &str) -> io::Result<PathBuf> {
        let name = digest.replace(':', "-");
        Ok(self.lock().folder.path()?.join("blobs").join(name))
    }
}

/// The upload, once nobody else writes to it.
pub(super) fn lock(upload: &Mutex<Upload>) -> MutexGuard<'_, Upload> {
    upload.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::api::sha256;

    fn uploaded(store: &BlobStore, pieces: &[&str]) -> String {
        let id = store.begin("here").unwrap();
        let upload = store.upload(&id, "here").unwrap();
        for piece in pieces {
            lock(&upload).append(piece.as_bytes()).unwrap();
        }
        id
    }

    #[test]
    fn what_was_uploaded_in_pieces_is_a_layer_under_its_digest() {
        let store = BlobStore::default();
        let id = uploaded(&store, &["one ", "two"]);
        assert_eq!(store.finish(&id, &sha256("one two")).unwrap(), 7);
        let mut text = String::new();
        store.open_layer(&sha256("one two")).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "one two");
        assert!(store.upload(&id, "here").is_none());
    }

    #[test]
    fn another_digest_is_refused() {
        let store = BlobStore::default();
        let id = uploaded(&store, &["one"]);
        assert!(
            matches!(store.finish(&id, &sha256("two")), Err(UploadError::Digest { found }) if found == sha256("one"))
        );
        assert!(store.upload(&id, "here").is_none());
        assert!(matches!(store.finish(&id, &sha256("one")), Err(UploadError::Gone)));
    }

    #[test]
    fn an_upload_is_its_owners_alone() {
        let store = BlobStore::default();
        let id = uploaded(&store, &[]);
        assert!(store.upload(&id, "elsewhere").is_none());
        store.cancel(&id);
        assert!(store.upload(&id, "here").is_none());
    }

    #[test]
    fn layers_outlive_a_restart_and_uploads_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = BlobStore::open(folder.path()).unwrap();
        let id = uploaded(&store, &["kept"]);
        store.finish(&id, &sha256("kept")).unwrap();
        uploaded(&store, &["not kept"]);
        let again = BlobStore::open(folder.path()).unwrap();
        assert!(again.open_layer(&sha256("kept")).is_ok());
        assert_eq!(fs::read_dir(folder.path().join("uploads")).unwrap().count(), 0);
    }
}
