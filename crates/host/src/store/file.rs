//! One object as one file: read whole, published whole.
//!
//! A file is written beside its place under a name that no key can have, flushed, and then moved there in one step. What
//! a killed process leaves behind is such a name, which nothing ever reads.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use tempfile::{Builder, NamedTempFile};
use towpath_core::{
    identifier::Sha256,
    ports::{Revision, Stored},
};

use super::trouble::Trouble;

/// How many bytes are read at once: few enough that memory which was given back is used for the next ones.
const PIECE: usize = 96 * 1024;

/// How a file is moved to its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Publish {
    /// Only where nothing is: of several exactly one succeeds.
    New,
    /// In the place of a file that was last written then. The new one's time is made later, so that content that
    /// comes back is told from content that stayed.
    Over(SystemTime),
}

/// What was read of a file.
pub(super) struct Whole {
    /// The object.
    pub(super) stored: Stored,
    /// When the file was written.
    pub(super) written: SystemTime,
}

/// The file's object, or `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Whole>, Trouble> {
    match read_open(path) {
        Ok(whole) => Ok(Some(whole)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(Trouble::at(path, &error)),
    }
}

fn read_open(path: &Path) -> io::Result<Whole> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let written = file.metadata()?.modified()?;
    let revision = revision(&bytes, written);
    Ok(Whole { stored: Stored { bytes, revision }, written })
}

/// The file, open for [`piece`], or `None` where there is none. What is moved to its place meanwhile is another file.
pub(super) fn open(path: &Path) -> Result<Option<File>, Trouble> {
    match File::open(path)
        .and_then(|file| if file.metadata()?.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(file) })
    {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(Trouble::at(path, &error)),
    }
}

/// The next bytes of it, or `None` at its end.
pub(super) fn piece(file: &mut File, path: &Path) -> Result<Option<Bytes>, Trouble> {
    let mut bytes = Vec::with_capacity(PIECE);
    let read = file.take(PIECE as u64).read_to_end(&mut bytes);
    read.map_err(|error| Trouble::at(path, &error))?;
    Ok((!bytes.is_empty()).then(|| bytes.into()))
}

/// A folder on the way that is a file: no object can be below it.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

/// Publishes the bytes at the path; `None` where `Publish::New` found something there.
pub(super) fn publish(path: &Path, bytes: &[u8], how: Publish) -> Result<Option<Revision>, Trouble> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let trouble = |error: io::Error| Trouble::at(path, &error);
    let file = temporary(folder).map_err(trouble)?;
    let revision = fill(&file, bytes, how).map_err(trouble)?;
    let moved = match how {
        Publish::New => file.persist_noclobber(path),
        Publish::Over(_) => file.persist(path),
    };
    match moved {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => return Ok(None),
        Err(refused) => return Err(trouble(refused.error)),
    }
    flush_folder(folder).map_err(trouble)?;
    Ok(Some(revision))
}

fn fill(mut file: &NamedTempFile, bytes: &[u8], how: Publish) -> io::Result<Revision> {
    file.as_file().write_all(bytes)?;
    let written = file.as_file().metadata()?.modified()?;
    if let Publish::Over(older) = how
        && written <= older
    {
        // Not every file system tells nanoseconds apart.
        file.as_file().set_modified(older + Duration::from_micros(1))?;
    }
    file.flush()?;
    file.as_file().sync_data()?;
    Ok(revision(bytes, file.as_file().metadata()?.modified()?))
}

/// A new file in the folder, which is made where it is not there.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    match unnamed(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(folder)?;
            unnamed(folder)
        }
        made => made,
    }
}

/// Makes the folder and those above it, each durable in the one above.
fn make(folder: &Path) -> io::Result<()> {
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound && above != folder => {
            make(above)?;
            make(folder)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => flush_folder(above),
    }
}

fn unnamed(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".unfinished-");
    ordinary(&mut builder);
    builder.tempfile_in(folder)
}

/// Lets the user's mask alone decide who may read the file, as for any new file: others may share the store.
#[cfg(unix)]
fn ordinary(builder: &mut Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn ordinary(_: &mut Builder<'_, '_>) {}

/// Makes the names in the folder durable, where the system can.
fn flush_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        Err(_) if cfg!(windows) => Ok(()),
        flushed => flushed,
    }
}

fn revision(bytes: &[u8], written: SystemTime) -> Revision {
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
    Revision(format!("{}-{}", Sha256::of(bytes), since.as_nanos()))
}
