//! What large files were found to hash to, so that one that stayed as it was is not read again by the same run.
//!
//! It proves nothing: whoever reads a file's bytes still holds them against its hash.

use std::{
    collections::HashMap,
    fs::Metadata,
    os::unix::fs::MetadataExt as _,
    sync::{Mutex, PoisonError},
};

use towpath_core::site::{Content, SitePath};

/// Smaller files are read again: that takes as long as to remember them.
const WORTH: u64 = 128 * 1024;

/// Files with what they were found to be.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<HashMap<SitePath, (Stamp, Content)>>);

/// Which file it is, and when anything of it changed last, by the system's own word.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self {
            file: (found.dev(), found.ino()),
            length: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

impl Seen {
    /// What the file was found to be, if it is the same still.
    pub(super) fn content(&self, path: &SitePath, found: &Metadata) -> Option<Content> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(path).filter(|(stamp, _)| *stamp == Stamp::of(found)).map(|(_, content)| content.clone())
    }

    /// Keeps what it is now.
    pub(super) fn note(&self, path: &SitePath, found: &Metadata, content: &Content) {
        if content.size >= WORTH {
            let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(path.clone(), (Stamp::of(found), content.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn a_file_is_known_until_anything_of_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (file, path): (_, SitePath) = (folder.path().join("a.bin"), "a.bin".parse().unwrap());
        let bytes = vec![7; usize::try_from(WORTH).unwrap()];
        fs::write(&file, &bytes).unwrap();
        let (before, content) = (fs::metadata(&file).unwrap(), Content::of(&bytes));
        let seen = Seen::default();
        assert_eq!(seen.content(&path, &before), None);
        seen.note(&path, &before, &content);
        assert_eq!(seen.content(&path, &before), Some(content));
        // The system's own time of the change is never put back.
        let opened = File::options().write(true).open(&file).unwrap();
        opened.set_modified(before.modified().unwrap() - std::time::Duration::from_secs(1)).unwrap();
        assert_eq!(seen.content(&path, &fs::metadata(&file).unwrap()), None);
    }

    #[test]
    fn small_files_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (file, path): (_, SitePath) = (folder.path().join("a.txt"), "a.txt".parse().unwrap());
        fs::write(&file, "small").unwrap();
        let (found, seen) = (fs::metadata(&file).unwrap(), Seen::default());
        seen.note(&path, &found, &Content::of(b"small"));
        assert_eq!(seen.content(&path, &found), None);
    }
}
