//! One file of bytes: of a large body alone, or of many small ones.
//!
//! It only grows. Without a state folder it is removed once nobody refers to it.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A file of bytes.
#[derive(Debug)]
pub(super) struct Segment {
    file: File,
    path: PathBuf,
    name: String,
    length: AtomicU64,
    /// Whether it outlives the simulator.
    is_kept: bool,
}

impl Segment {
    pub(super) fn create(folder: &Path, name: String, is_kept: bool) -> io::Result<Self> {
        let path = folder.join(&name);
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Self { file, path, name, length: AtomicU64::new(0), is_kept })
    }

    /// One of an earlier run.
    pub(super) fn open(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        let file = File::options().read(true).write(true).open(&path)?;
        let length = AtomicU64::new(file.metadata()?.len());
        Ok(Self { file, path, name: name.to_owned(), length, is_kept: true })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    /// Writes at the end, and answers where that was.
    pub(super) fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        let at = self.length.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        self.file.write_all_at(bytes, at)?;
        Ok(at)
    }

    pub(super) fn read(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed stays until the folder goes.
            let _removed = fs::remove_file(&self.path);
        }
    }
}
