//! The pack: the bytes of a manifest's small mutable files, so that they can be put back whatever became of them.
//!
//! Hashed assets are not in it: they stay in the bucket. Neither is what is large: that is copied inside of the bucket.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::identifier::Sha256;

use super::{Content, Manifest, ManifestFile, ReadPack, Reading, SitePath, pack_reader::read};

/// Files of this size and smaller are packed.
pub const PACKED_FILE_LIMIT: u64 = 256 * 1024;

/// How many bytes a pack may have in all, without its first line. The smallest files are packed first.
pub const PACK_LIMIT: u64 = 32 * 1024 * 1024;

/// The format of a pack.
const SCHEMA: u32 = 1;

/// Bytes by what they hash to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pack(BTreeMap<Sha256, Bytes>);

/// The first line of a stored pack. The bytes follow in this order, with nothing between them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Index {
    schema: u32,
    pub(super) files: Vec<(Sha256, u64)>,
}

/// Why bytes are no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Its first line is not one that this version knows.
    #[error("the first line of the pack is none that this version of Towpath knows")]
    Index,
    /// It ends before it is whole, or goes on after that.
    #[error("the pack has {found} bytes of files, and its first line says {expected}")]
    Length {
        /// How many there are.
        found: u64,
        /// How many there should be.
        expected: u64,
    },
    /// Bytes are not those that the first line names.
    #[error("the pack does not have the bytes of {0}")]
    Corrupted(
        /// What they should hash to.
        Sha256,
    ),
}

impl Pack {
    /// Takes the bytes of a file in.
    pub fn add(&mut self, bytes: Bytes) {
        self.0.insert(Sha256::of(&bytes), bytes);
    }

    /// Bytes, by what they hash to.
    pub fn get(&self, sha256: &Sha256) -> Option<&Bytes> {
        self.0.get(sha256)
    }

    /// The bytes to store, always the same for the same pack.
    pub fn to_bytes(&self) -> Vec<u8> {
        let files = self.0.iter().map(|(sha256, bytes)| (sha256.clone(), bytes.len() as u64)).collect();
        let mut stored = begun(&Index { schema: SCHEMA, files });
        self.0.values().for_each(|bytes| stored.extend_from_slice(bytes));
        stored
    }

    /// Reads a stored pack, and every hash in it.
    ///
    /// # Errors
    ///
    /// Where it is not, to the last byte, what was stored.
    pub fn from_bytes(stored: &[u8]) -> Result<Self, PackError> {
        read(stored, Reading::Whole).map(|read| read.bytes)
    }

    pub(super) fn insert(&mut self, sha256: Sha256, bytes: Bytes) {
        self.0.insert(sha256, bytes);
    }
}

impl Index {
    /// The first line of a stored pack.
    pub(super) fn of(line: &[u8]) -> Result<Self, PackError> {
        let index: Self = serde_json::from_slice(line).map_err(|_| PackError::Index)?;
        if index.schema == SCHEMA { Ok(index) } else { Err(PackError::Index) }
    }
}

impl ReadPack {
    /// Whether everything is there that belongs in the manifest's pack.
    pub fn is_whole(&self, manifest: &Manifest) -> bool {
        packed(manifest).iter().filter_map(|path| manifest.file(path)).all(|file| self.there.contains(&file.sha256))
    }
}

/// A pack that is written file after file, so that no more of it is in memory than its bytes once.
#[derive(Debug)]
#[must_use = "a draft that is not filled is no pack"]
pub struct PackDraft {
    /// What is still to come, the next one last.
    open: Vec<(Sha256, u64, SitePath)>,
    stored: Vec<u8>,
}

impl PackDraft {
    /// The pack of this manifest, without a file yet.
    pub fn of(manifest: &Manifest) -> Self {
        let content = |path: SitePath| manifest.file(&path).map(|file| (file.sha256.clone(), file.size, path.clone()));
        let mut open: Vec<(Sha256, u64, SitePath)> = packed(manifest).into_iter().filter_map(content).collect();
        open.sort();
        // Files of the same bytes are one.
        open.dedup_by(|one, other| one.0 == other.0);
        let files = open.iter().map(|(sha256, size, _)| (sha256.clone(), *size)).collect();
        let stored = begun(&Index { schema: SCHEMA, files });
        open.reverse();
        Self { open, stored }
    }

    /// The files whose bytes come next, up to so many bytes and at least one, until there are none.
    pub fn wanted(&self, most: u64) -> Vec<(SitePath, Content)> {
        let mut total = 0u64;
        let mut fits = |size: u64| {
            total = total.saturating_add(size);
            total <= most || total == size
        };
        let next = self.open.iter().rev().take_while(|(_, size, _)| fits(*size));
        next.map(|(sha256, size, path)| (path.clone(), Content { sha256: sha256.clone(), size: *size })).collect()
    }

    /// Takes the bytes of the next of them, which must be the ones that the manifest names.
    pub fn push(&mut self, bytes: &[u8]) {
        self.open.pop();
        self.stored.extend_from_slice(bytes);
    }

    /// The bytes to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.stored
    }
}

/// The first line of a pack, with room for the bytes that follow it.
fn begun(index: &Index) -> Vec<u8> {
    let mut stored = serde_json::to_vec(index).expect("hashes and numbers are JSON");
    stored.push(b'\n');
    stored.reserve_exact(usize::try_from(total(index)).unwrap_or_default());
    stored
}

pub(super) fn total(index: &Index) -> u64 {
    index.files.iter().fold(0, |total, (_, size)| total.saturating_add(*size))
}

/// The files of a manifest whose bytes belong in its pack. The same for the same manifest, so nobody need note it.
pub fn packed(manifest: &Manifest) -> BTreeSet<SitePath> {
    let mut small: Vec<(u64, &SitePath)> = mutable(manifest)
        .filter(|(_, file)| file.size <= PACKED_FILE_LIMIT)
        .map(|(path, file)| (file.size, path))
        .collect();
    small.sort();
    let mut total = 0u64;
    let mut fits = |size: u64| {
        total = total.saturating_add(size);
        total <= PACK_LIMIT
    };
    small.into_iter().take_while(|(size, _)| fits(*size)).map(|(_, path)| path.clone()).collect()
}

/// Whether the pack of a manifest has all of its mutable files.
pub fn is_all_packed(manifest: &Manifest) -> bool {
    let total = mutable(manifest).fold(0u64, |total, (_, file)| total.saturating_add(file.size));
    total <= PACK_LIMIT && mutable(manifest).all(|(_, file)| file.size <= PACKED_FILE_LIMIT)
}

/// The mutable files of a manifest that are too large for its pack.
pub(super) fn unpacked(manifest: &Manifest) -> Vec<(&SitePath, &ManifestFile)> {
    if is_all_packed(manifest) {
        return Vec::new();
    }
    let packed = packed(manifest);
    mutable(manifest).filter(|(path, _)| !packed.contains(path)).collect()
}

fn mutable(manifest: &Manifest) -> impl Iterator<Item = (&SitePath, &ManifestFile)> {
    manifest.files().iter().filter(|(_, file)| file.class.is_mutable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{FileClass, fixtures::manifest};

    fn pack() -> Pack {
        let mut pack = Pack::default();
        for bytes in [&b"<p>\n</p>"[..], b"", b"User-agent: *\n"] {
            pack.add(Bytes::from_static(bytes));
        }
        pack
    }

    #[test]
    fn a_pack_comes_back_as_it_was() {
        let stored = pack().to_bytes();
        assert_eq!(Pack::from_bytes(&stored).unwrap(), pack());
        assert_eq!(pack().get(&Sha256::of(b"")).unwrap().len(), 0);
        assert!(pack().get(&Sha256::of(b"other")).is_none());
        let empty = Pack::default().to_bytes();
        assert_eq!(Pack::from_bytes(&empty).unwrap(), Pack::default());
    }

    #[test]
    fn a_pack_is_the_same_whether_it_is_written_file_after_file_or_as_a_whole() {
        let files: [(&str, &[u8]); 4] =
            [("a.html", b"<p>"), ("b.html", b"<b>"), ("c.html", b"<p>"), ("app.0a1b2c3d.js", b"let a")];
        let manifest = with_contents(&files);
        let (mut draft, mut pack) = (PackDraft::of(&manifest), Pack::default());
        while let [(path, content), ..] = &draft.wanted(5)[..] {
            let bytes = files.iter().find(|(name, _)| *name == path.as_str()).unwrap().1;
            assert_eq!(*content, Content::of(bytes));
            pack.add(Bytes::from_static(bytes));
            draft.push(bytes);
        }
        let stored = draft.into_bytes();
        assert_eq!(stored, pack.to_bytes());
        assert!(read(&stored, Reading::Check).unwrap().is_whole(&manifest));
    }

    fn with_contents(files: &[(&str, &[u8])]) -> Manifest {
        let class = |name: &str| if name.ends_with("js") { FileClass::Hashed } else { FileClass::Document };
        let sized: Vec<_> = files.iter().map(|(name, bytes)| (*name, class(name), bytes.len() as u64)).collect();
        let mut all = manifest(&sized).files().clone();
        for (name, bytes) in files {
            let Content { sha256, size } = Content::of(bytes);
            let file = all.get_mut(&name.parse().unwrap()).unwrap();
            *file = ManifestFile { sha256, size, ..file.clone() };
        }
        Manifest::new(all).unwrap()
    }

    #[test]
    fn a_pack_that_is_not_whole_to_the_last_byte_is_none() {
        let stored = pack().to_bytes();
        for cut in 0..stored.len() {
            assert!(Pack::from_bytes(&stored[..cut]).is_err(), "{cut}");
        }
        for at in 0..stored.len() {
            let mut bent = stored.clone();
            bent[at] ^= 1;
            assert!(Pack::from_bytes(&bent).is_err(), "{at}");
        }
        let longer = [stored, vec![0]].concat();
        assert!(matches!(Pack::from_bytes(&longer), Err(PackError::Length { .. })));
    }

    #[test]
    fn a_pack_is_whole_where_everything_is_there_that_belongs_in_it() {
        let manifest = with_contents(&[("a.html", b"<p>"), ("b.html", b"<b>")]);
        let mut pack = Pack::default();
        pack.add(Bytes::from_static(b"<p>"));
        let is_whole = |pack: &Pack| read(&pack.to_bytes(), Reading::Check).unwrap().is_whole(&manifest);
        assert!(!is_whole(&pack));
        pack.add(Bytes::from_static(b"<b>"));
        assert!(is_whole(&pack));
    }

    #[test]
    fn so_many_files_are_wanted_as_there_is_room_for() {
        let manifest = with_contents(&[("a.html", b"<p>"), ("b.html", b"<b>"), ("c.html", b"<i>")]);
        let draft = PackDraft::of(&manifest);
        assert_eq!([0, 3, 6, 100].map(|most| draft.wanted(most).len()), [1, 1, 2, 3]);
    }

    #[test]
    fn what_is_small_and_may_change_is_packed() {
        let mut files = vec![("a.0a1b2c3d.js", FileClass::Hashed, 10), ("index.html", FileClass::Entry, 10)];
        files.push(("large.bin", FileClass::Asset, PACKED_FILE_LIMIT + 1));
        files.push(("small.bin", FileClass::Asset, PACKED_FILE_LIMIT));
        let manifest = manifest(&files);
        let packed: Vec<_> = packed(&manifest).into_iter().map(|path| path.to_string()).collect();
        assert_eq!(packed, ["index.html", "small.bin"]);
        assert_eq!((unpacked(&manifest).len(), is_all_packed(&manifest)), (1, false));
    }

    #[test]
    fn a_site_of_many_documents_packs_the_smallest_up_to_the_limit() {
        let paths: Vec<String> = (0..200).map(|at| format!("{at:03}.html")).collect();
        let files: Vec<_> = paths.iter().map(|path| (path.as_str(), FileClass::Document, PACKED_FILE_LIMIT)).collect();
        let manifest = manifest(&files);
        assert_eq!(packed(&manifest).len() as u64, PACK_LIMIT / PACKED_FILE_LIMIT);
        assert_eq!((unpacked(&manifest).len(), is_all_packed(&manifest)), (72, false));
    }
}
