//! The state file: written whole and put in place at once, or not at all.
//!
//! A file that cannot be read is an error, never a reason to begin anew.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::world::Estate;

/// The version of the format that is written, and the only one that is read.
const VERSION: u32 = 1;

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Saved {
    version: u32,
    /// The simulated instant at which it was kept.
    pub(crate) now: Timestamp,
    pub(crate) estate: Estate,
}

/// Only the version, whatever else there may be.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory or the file cannot be read.
    #[error("cannot read state file `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not a state.
    #[error("state file `{}` is damaged; repair it, or remove it to begin anew", .path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where it is damaged.
        #[source]
        source: serde_json::Error,
    },
    /// The file is of another version of the simulator.
    #[error("state file `{}` has version {found}, but this simulator reads version {VERSION}", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The state cannot be put into words.
    #[error("cannot encode the state for `{}`", .path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// The file cannot be written.
    #[error("cannot write state file `{}`", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Saved {
    pub(crate) fn new(now: Timestamp, estate: Estate) -> Self {
        Self { version: VERSION, now, estate }
    }
}

/// Where the state is kept.
#[derive(Debug, Clone)]
pub(crate) struct StateStore {
    path: PathBuf,
    turn: Arc<Mutex<()>>,
}

impl StateStore {
    /// The store in `directory`, which is made if it is not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, StateError> {
        let path = directory.join("state.json");
        match fs::create_dir_all(directory) {
            Ok(()) => Ok(Self { path, turn: Arc::default() }),
            Err(source) => Err(StateError::Write { path, source }),
        }
    }

    /// The folder that everything is kept in.
    pub(crate) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// What was kept, if anything was.
    pub(crate) fn load(&self) -> Result<Option<Saved>, StateError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StateError::Read { path: self.path.clone(), source });
            }
        };
        let corrupt = |source| StateError::Corrupt { path: self.path.clone(), source };
        let Versioned { version } = serde_json::from_slice(&text).map_err(corrupt)?;
        if version != VERSION {
            return Err(StateError::Version { path: self.path.clone(), found: version });
        }
        serde_json::from_slice(&text).map(Some).map_err(corrupt)
    }

    /// Waits until nobody else of this process writes; to be held from looking at the world until it is kept.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `saved` in place of what was kept before.
    pub(crate) fn save(&self, saved: &Saved) -> Result<(), StateError> {
        let text =
            serde_json::to_vec(saved).map_err(|source| StateError::Encode { path: self.path.clone(), source })?;
        self.replace(&text).map_err(|source| StateError::Write { path: self.path.clone(), source })
    }

    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let temporary = self.path.with_extension("json.new");
        let mut file = create_private(&temporary)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(temporary, &self.path)
    }
}

/// A new file that only its owner can read: the values of secrets are in it.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecs::Knobs;

    fn saved() -> Saved {
        Saved::new(Timestamp::UNIX_EPOCH, Estate::new("000000000000", "us-east-1", Knobs::default()))
    }

    #[test]
    fn what_is_kept_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = StateStore::open(&directory.path().join("deep/er")).unwrap();
        assert!(store.load().unwrap().is_none());
        store.save(&saved()).unwrap();
        assert_eq!(store.load().unwrap().unwrap().now, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_damaged_file_is_named_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = StateStore::open(directory.path()).unwrap();
        fs::write(&store.path, "{\"version\": 1, \"now\":").unwrap();
        let error = store.load().unwrap_err();
        assert!(error.to_string().contains("state.json` is damaged"), "{error}");
        assert!(store.path.exists());
    }

    #[test]
    fn another_version_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let store = StateStore::open(directory.path()).unwrap();
        fs::write(&store.path, "{\"version\": 2, \"galaxies\": []}").unwrap();
        assert!(matches!(store.load(), Err(StateError::Version { found: 2, .. })));
    }
}
