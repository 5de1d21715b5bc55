//! The pack: the bytes of a build's small mutable files, kept beside the ledger so that they can be put back at once.
//!
//! Hashed assets are not in it: they stay in the bucket. Nor are large mutable files, which are kept aside in the bucket.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Content, Manifest, SitePath};

/// The format of a [`Pack`].
const PACK_SCHEMA: u32 = 1;

/// Mutable files of at most this many bytes are in the pack.
pub const PACK_LIMIT: u64 = 256 * 1024;

/// The bytes of a manifest's small mutable files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pack {
    files: BTreeMap<SitePath, Bytes>,
}

/// Why bytes are no pack of a manifest.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// They do not begin with a line that says what follows.
    #[error("the pack does not say what is in it")]
    NoHead,
    /// That line is not what its format says.
    #[error("the pack is malformed")]
    Malformed(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It was written in a format that this version does not know.
    #[error("the pack is of format {found}, and this version of Towpath knows format {PACK_SCHEMA}")]
    UnknownSchema {
        /// The format it was written in.
        found: u32,
    },
    /// It has not the bytes of a file that the manifest names.
    #[error("the pack has not the bytes of `{0}`")]
    Missing(SitePath),
}

/// The first line. The files' bytes follow it in this order, with nothing between.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    schema: u32,
    files: Vec<(SitePath, u64)>,
}

impl Pack {
    /// The files of a manifest that belong in its pack.
    pub fn wanted(manifest: &Manifest) -> impl Iterator<Item = (&SitePath, Content)> {
        let files = manifest.files().iter();
        let small = files.filter(|(_, file)| file.class.is_mutable() && file.size <= PACK_LIMIT);
        small.map(|(path, file)| (path, file.content()))
    }

    /// The pack of a manifest.
    ///
    /// # Errors
    /// When the bytes of a file that belongs in it are missing, or are not those that the manifest names.
    pub fn new(manifest: &Manifest, mut bytes: BTreeMap<SitePath, Bytes>) -> Result<Self, PackError> {
        let mut files = BTreeMap::new();
        for (path, content) in Self::wanted(manifest) {
            let found = bytes.remove(path).filter(|bytes| Content::of(bytes) == content);
            files.insert(path.clone(), found.ok_or_else(|| PackError::Missing(path.clone()))?);
        }
        Ok(Self { files })
    }

    /// Reads the stored pack of a manifest; every byte is verified.
    ///
    /// # Errors
    /// When the bytes are none in a known format, or not those of the manifest.
    pub fn from_bytes(manifest: &Manifest, stored: &Bytes) -> Result<Self, PackError> {
        let end = stored.iter().position(|byte| *byte == b'\n').ok_or(PackError::NoHead)?;
        let head: Head = serde_json::from_slice(&stored[..end]).map_err(PackError::Malformed)?;
        if head.schema != PACK_SCHEMA {
            return Err(PackError::UnknownSchema { found: head.schema });
        }
        let mut files = BTreeMap::new();
        let mut at = end + 1;
        for (path, size) in head.files {
            let until = usize::try_from(size).ok().and_then(|size| at.checked_add(size));
            let Some(until) = until.filter(|until| *until <= stored.len()) else {
                return Err(PackError::Missing(path));
            };
            files.insert(path, stored.slice(at..until));
            at = until;
        }
        Self::new(manifest, files)
    }

    /// What is stored.
    ///
    /// # Panics
    /// Never: what is written is texts and numbers.
    pub fn to_bytes(&self) -> Vec<u8> {
        let files = self.files.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect();
        let head = Head { schema: PACK_SCHEMA, files };
        let mut stored = serde_json::to_vec(&head).expect("a head has only texts and numbers");
        stored.push(b'\n');
        stored.extend(self.files.values().flatten());
        stored
    }

    /// The bytes of a file, where it is in the pack.
    pub fn file(&self, path: &SitePath) -> Option<&Bytes> {
        self.files.get(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::{FileClass, Headers, ManifestFile};

    fn file(bytes: &[u8], class: FileClass) -> ManifestFile {
        let Content { sha256, size } = Content::of(bytes);
        let headers = Headers {
            content_type: "text/html; charset=utf-8".parse().unwrap(),
            cache_control: "no-cache".parse().unwrap(),
            content_encoding: None,
            content_disposition: None,
            content_language: None,
        };
        ManifestFile { sha256, size, class, headers }
    }

    fn path(text: &str) -> SitePath {
        text.parse().unwrap()
    }

    fn manifest() -> Manifest {
        let large = vec![7; usize::try_from(PACK_LIMIT).unwrap() + 1];
        let files = [
            ("assets/app.1234abcd.js", file(b"js", FileClass::Hashed)),
            ("index.html", file(b"<html>\n", FileClass::Entry)),
            ("large.pdf", file(&large, FileClass::Asset)),
            ("robots.txt", file(b"", FileClass::Asset)),
        ];
        Manifest::new(files.map(|(name, file)| (path(name), file)).into()).unwrap()
    }

    fn pack() -> Pack {
        let files = [("index.html", "<html>\n"), ("robots.txt", "")];
        let files = files.map(|(name, bytes)| (path(name), Bytes::from_static(bytes.as_bytes())));
        Pack::new(&manifest(), files.into()).unwrap()
    }

    #[test]
    fn small_mutable_files_are_in_the_pack_and_come_back_as_they_were() {
        let stored = Bytes::from(pack().to_bytes());
        let read = Pack::from_bytes(&manifest(), &stored).unwrap();
        assert_eq!(read, pack());
        assert_eq!(read.file(&path("index.html")).unwrap().as_ref(), b"<html>\n");
        assert!(read.file(&path("large.pdf")).is_none() && read.file(&path("assets/app.1234abcd.js")).is_none());
    }

    #[test]
    fn a_pack_with_other_bytes_or_without_some_is_none() {
        let stored = pack().to_bytes();
        let check = |bytes: &[u8], expected: &str| {
            let error = Pack::from_bytes(&manifest(), &Bytes::copy_from_slice(bytes)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(&stored[..stored.len() - 1], "the pack has not the bytes of `index.html`");
        check(b"", "the pack does not say what is in it");
        check(b"{}\n", "the pack is malformed");
        check(b"{\"schema\":2,\"files\":[]}\n", "the pack is of format 2, and this version of Towpath knows format 1");
        check(b"{\"schema\":1,\"files\":[]}\n", "the pack has not the bytes of `index.html`");
        check(b"{\"schema\":1,\"files\":[[\"a\",18446744073709551615]]}\n", "the pack has not the bytes of `a`");
        let mut other = stored.clone();
        *other.last_mut().unwrap() = b'!';
        check(&other, "the pack has not the bytes of `index.html`");
    }
}
