//! The manifest: every file of one build with its content and headers. Its hash is the release's artifact.
//!
//! It says nothing of where it is published, nor of what an environment configures.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::identifier::{Digest, InvalidIdentifier, Sha256};

use super::{FileClass, Headers, SitePath};

/// The format of a [`Manifest`].
pub const MANIFEST_SCHEMA: u32 = 1;

/// What a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Content {
    /// What they hash to.
    pub sha256: Sha256,
    /// How many they are.
    pub size: u64,
}

impl Content {
    /// What these bytes are.
    pub fn of(bytes: &[u8]) -> Self {
        Self { sha256: Sha256::of(bytes), size: bytes.len() as u64 }
    }
}

/// One file of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ManifestFile {
    /// What its bytes hash to.
    pub sha256: Sha256,
    /// How many bytes it has.
    pub size: u64,
    /// What kind of file it is.
    pub class: FileClass,
    /// What it is served with.
    pub headers: Headers,
}

impl ManifestFile {
    /// What its bytes are.
    pub fn content(&self) -> Content {
        Content { sha256: self.sha256.clone(), size: self.size }
    }

    /// Whether the other has the same bytes.
    pub fn has_bytes_of(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.size == other.size
    }
}

/// The name of a site's artifact: the digest of its manifest's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteDigest(Digest);

impl SiteDigest {
    /// The whole text, `sha256:` and 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The hexadecimal digits alone, for the name of an object.
    pub fn hex(&self) -> &str {
        &self.0.as_str()["sha256:".len()..]
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> &str {
        self.0.short()
    }
}

impl FromStr for SiteDigest {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

crate::identifier::text_forms!(SiteDigest);

/// Every file of one build. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    files: BTreeMap<SitePath, ManifestFile>,
    digest: SiteDigest,
}

/// The stored form. Its bytes are canonical: no space, members in this order, files in the order of their paths' bytes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    schema: u32,
    files: BTreeMap<SitePath, ManifestFile>,
}

/// The same, to be written.
#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    files: &'a BTreeMap<SitePath, ManifestFile>,
}

/// Why bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// They are no JSON object with a `schema`.
    #[error("the manifest is not a JSON object with a `schema`")]
    NoSchema(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It was written in a format that this version does not know.
    #[error("the manifest is of format {found}, and this version of Towpath knows format {MANIFEST_SCHEMA}")]
    UnknownSchema {
        /// The format it was written in.
        found: u32,
    },
    /// It is not what its format says.
    #[error("the manifest is malformed")]
    Malformed(
        /// What is wrong with it.
        #[source]
        serde_json::Error,
    ),
    /// It says the same as a manifest would, in other bytes: somebody rewrote it.
    #[error("the manifest is not written as Towpath writes it, so its hash names something else")]
    NotCanonical,
    /// It has no file at all.
    #[error("a site without files is no site")]
    Empty,
}

/// The one member that every format has.
#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

impl Manifest {
    /// The manifest of these files.
    ///
    /// # Errors
    ///
    /// Where there are none.
    pub fn new(files: BTreeMap<SitePath, ManifestFile>) -> Result<Self, ManifestError> {
        if files.is_empty() {
            return Err(ManifestError::Empty);
        }
        let digest = SiteDigest(Digest::of(&written(&files)));
        Ok(Self { files, digest })
    }

    /// Reads a stored manifest.
    ///
    /// # Errors
    ///
    /// Where the bytes are none in a known format, or not the very bytes that [`Manifest::to_json`] writes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ManifestError> {
        let files = files(bytes)?;
        if written(&files) != bytes {
            return Err(ManifestError::NotCanonical);
        }
        Ok(Self { files, digest: SiteDigest(Digest::of(bytes)) })
    }

    /// Reads a stored manifest where it is the one of that digest; `None` where it is another one.
    ///
    /// What a digest was taken of was written by [`Manifest::to_json`], so the same bytes are not written again to see
    /// that they are canonical.
    ///
    /// # Errors
    ///
    /// Where the bytes are none in a known format.
    pub fn of_digest(bytes: &[u8], digest: &SiteDigest) -> Result<Option<Self>, ManifestError> {
        if Digest::of(bytes) != digest.0 {
            return Self::from_json(bytes).map(|_| None);
        }
        let files = files(bytes)?;
        Ok(Some(Self { files, digest: digest.clone() }))
    }

    /// The canonical bytes, which are what the digest is of.
    pub fn to_json(&self) -> Vec<u8> {
        written(&self.files)
    }

    /// The artifact's name.
    pub fn digest(&self) -> &SiteDigest {
        &self.digest
    }

    /// Every file, in the order of the paths' bytes.
    pub fn files(&self) -> &BTreeMap<SitePath, ManifestFile> {
        &self.files
    }

    /// One file.
    pub fn file(&self, path: &SitePath) -> Option<&ManifestFile> {
        self.files.get(path)
    }

    /// How many bytes all files have together.
    pub fn size(&self) -> u64 {
        self.files.values().map(|file| file.size).fold(0, u64::saturating_add)
    }
}

/// The files of a stored manifest, at least one.
fn files(bytes: &[u8]) -> Result<BTreeMap<SitePath, ManifestFile>, ManifestError> {
    let Form { schema, files } = serde_json::from_slice(bytes).map_err(|error| refused(bytes, error))?;
    if schema != MANIFEST_SCHEMA {
        return Err(ManifestError::UnknownSchema { found: schema });
    }
    if files.is_empty() { Err(ManifestError::Empty) } else { Ok(files) }
}

fn written(files: &BTreeMap<SitePath, ManifestFile>) -> Vec<u8> {
    let form = Written { schema: MANIFEST_SCHEMA, files };
    serde_json::to_vec(&form).expect("every member of a manifest is a text or a number")
}

/// Why bytes that are not of this format are none.
fn refused(bytes: &[u8], error: serde_json::Error) -> ManifestError {
    match serde_json::from_slice(bytes) {
        Ok(Schema { schema: MANIFEST_SCHEMA }) => ManifestError::Malformed(error),
        Ok(Schema { schema }) => ManifestError::UnknownSchema { found: schema },
        Err(error) => ManifestError::NoSchema(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn manifest() -> Manifest {
        let files = [("b.html", FileClass::Document), ("index.html", FileClass::Entry)];
        let files = files.map(|(path, class)| (path.parse().unwrap(), file(path.as_bytes(), class)));
        Manifest::new(files.into()).unwrap()
    }

    #[test]
    fn a_manifest_is_stored_so_and_its_digest_is_that_of_these_bytes() {
        let text = String::from_utf8(manifest().to_json()).unwrap();
        insta::assert_snapshot!(text, @r#"{"schema":1,"files":{"b.html":{"sha256":"15b2b17cd8fcf74dd1f2b7449a527af17d0662635e42f35e97d3bb2c08341a98","size":6,"class":"document","headers":{"content-type":"text/html; charset=utf-8","cache-control":"no-cache"}},"index.html":{"sha256":"0eb547304658805aad788d320f10bf1f292797b5e6d745a3bf617584da017051","size":10,"class":"entry","headers":{"content-type":"text/html; charset=utf-8","cache-control":"no-cache"}}}}"#);
        assert_eq!(manifest().digest().as_str(), Digest::of(text.as_bytes()).as_str());
        assert_eq!(Manifest::from_json(text.as_bytes()).unwrap(), manifest());
        assert_eq!(manifest().size(), 16);
    }

    #[test]
    fn a_manifest_is_read_by_its_digest_and_no_other_is_taken_for_it() {
        let (bytes, other) = (manifest().to_json(), Digest::of(b"other").to_string().parse().unwrap());
        assert_eq!(Manifest::of_digest(&bytes, manifest().digest()).unwrap(), Some(manifest()));
        assert_eq!(Manifest::of_digest(&bytes, &other).unwrap(), None);
        assert!(Manifest::of_digest(b"{}", &other).is_err());
    }

    #[test]
    fn what_is_not_the_very_manifest_is_refused() {
        let text = String::from_utf8(manifest().to_json()).unwrap();
        let check = |from: &str, to: &str, expected: &str| {
            assert!(text.contains(from), "{from}");
            let error = Manifest::from_json(text.replacen(from, to, 1).as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(
            "\"schema\":1",
            "\"schema\":2",
            "the manifest is of format 2, and this version of Towpath knows format 1",
        );
        check("{\"schema\":1,", "{", "the manifest is not a JSON object with a `schema`");
        check("\"b.html\"", "\"../b.html\"", "the manifest is malformed");
        check("\"class\"", "\"kind\"", "the manifest is malformed");
        check(
            "{\"schema\"",
            "{ \"schema\"",
            "the manifest is not written as Towpath writes it, so its hash names something else",
        );
        assert!(matches!(Manifest::from_json(b"{\"schema\":1,\"files\":{}}"), Err(ManifestError::Empty)));
    }
}
