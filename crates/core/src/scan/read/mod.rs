//! Reads a scanner's file: Trivy's JSON, Grype's JSON, and the SARIF of both.
//!
//! A file is read whole or refused: what is damaged, cut short, of another tool or about another image says nothing
//! about this one. What a scanner lists beside vulnerabilities (secrets, misconfigurations, licences) is left alone.

mod error;
mod grype;
mod sarif;
mod trivy;

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned, de::IgnoredAny};

use crate::identifier::Digest;

use super::{Finding, Found, Report, Tool, finding::plain};

pub use error::{Format, ReadError};

/// The largest file that is read, in bytes. Reports of large images with thousands of findings have a few megabytes.
pub const LARGEST: usize = 32 * 1024 * 1024;

/// The most findings that a report may have.
const MOST: usize = 100_000;

/// What a scanner's file says, before it is known to be about our image.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a file that is read and not held against an image says nothing"]
pub struct Scanned {
    /// The file's form.
    pub format: Format,
    /// The digest of the very image that was looked into, where the file says so.
    pub manifest: Option<Digest>,
    /// The digests by which registries know what was asked for: an image's, or its index's.
    pub known_as: Vec<Digest>,
    /// What it says but which image it is about.
    platform: Option<String>,
    tool: Tool,
    database: Option<Timestamp>,
    at: Option<Timestamp>,
    found: Found,
}

/// Reads a file of any of the known forms.
///
/// # Errors
/// When it is too large, of no known form, or damaged.
pub fn read(bytes: &[u8]) -> Result<Scanned, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge { most: LARGEST });
    }
    let scanned = match format(bytes)? {
        Format::Trivy => trivy::read(bytes),
        Format::Grype => grype::read(bytes),
        Format::Sarif => sarif::read(bytes),
    }?;
    match &scanned.found {
        Found::Findings { findings, .. } if findings.len() > MOST => Err(ReadError::TooMany { most: MOST }),
        Found::Findings { .. } | Found::Nothing { .. } => Ok(scanned),
    }
}

impl Scanned {
    /// The report, if it is about this image or, where it is an index, about one of its images.
    ///
    /// # Errors
    /// When it is about another image, or does not say about which.
    pub fn about(self, image: &Digest, children: &[Digest]) -> Result<Report, ReadError> {
        let subject = self.subject(image, children)?;
        let Self { platform, tool, database, at: scanned_at, found, .. } = self;
        Ok(Report { image: subject, platform, tool, database, scanned_at, found })
    }

    /// The report on the image that was handed to the scanner, where the file names no other.
    ///
    /// # Errors
    /// When it names other images, and not this one.
    pub fn about_handed(mut self, image: &Digest) -> Result<Report, ReadError> {
        if self.manifest.is_none() && self.known_as.is_empty() {
            self.known_as.push(image.clone());
        }
        self.about(image, &[])
    }

    /// Whose report it is: the one image that was looked into, otherwise what it was known as.
    fn subject(&self, image: &Digest, children: &[Digest]) -> Result<Digest, ReadError> {
        let named: Vec<&Digest> = self.manifest.iter().chain(&self.known_as).collect();
        if named.is_empty() {
            return Err(ReadError::NoDigest { format: self.format });
        }
        let ours = children.iter().chain([image]).find(|ours| named.contains(ours));
        ours.cloned()
            .ok_or_else(|| ReadError::OtherImage { wanted: image.clone(), found: named.into_iter().cloned().collect() })
    }

    /// The same with the date of the scanner's database, which not every form has. A file's own date stands.
    pub fn with_database(mut self, database: Option<Timestamp>) -> Self {
        self.database = self.database.or(database);
        self
    }
}

/// The form, told by the members that it alone has.
fn format(bytes: &[u8]) -> Result<Format, ReadError> {
    #[derive(Deserialize)]
    struct Look {
        #[serde(rename = "ArtifactName")]
        artifact_name: Option<IgnoredAny>,
        #[serde(rename = "SchemaVersion")]
        schema_version: Option<IgnoredAny>,
        matches: Option<IgnoredAny>,
        descriptor: Option<IgnoredAny>,
        runs: Option<IgnoredAny>,
    }
    let look: Look = serde_json::from_slice(bytes)
        .map_err(|source| if source.is_data() { ReadError::UnknownForm } else { ReadError::NotJson(source) })?;
    match look {
        Look { runs: Some(_), .. } => Ok(Format::Sarif),
        Look { matches: Some(_), descriptor: Some(_), .. } => Ok(Format::Grype),
        Look { artifact_name: Some(_), schema_version: Some(_), .. } => Ok(Format::Trivy),
        Look { .. } => Err(ReadError::UnknownForm),
    }
}

fn parsed<T: DeserializeOwned>(format: Format, bytes: &[u8]) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|source| ReadError::Damaged { format, source })
}

/// The digest after the `@` of a reference.
fn digest_of(reference: &str) -> Option<Digest> {
    reference.rsplit_once('@').and_then(|(_, digest)| digest.parse().ok())
}

/// An identifier of the file, or what is wrong with it.
fn word<T>(format: Format, text: &str) -> Result<T, ReadError>
where
    T: std::str::FromStr<Err = crate::identifier::InvalidIdentifier>,
{
    text.parse().map_err(|source| ReadError::Word { format, source })
}

/// A text that says something.
fn some(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// A finding, of the texts that a file has for it.
struct Texts<'a> {
    id: &'a str,
    package: Option<&'a str>,
    installed: Option<&'a str>,
    fixed: Option<&'a str>,
    title: Option<&'a str>,
}

impl Texts<'_> {
    fn finding(&self, format: Format, severity: super::Severity) -> Result<Finding, ReadError> {
        let version = |text: Option<&str>| some(text).map(|text| text.to_owned().into());
        Ok(Finding {
            id: word(format, self.id.trim())?,
            package: some(self.package).map(|package| word(format, package)).transpose()?,
            installed: version(self.installed),
            fixed: version(self.fixed),
            severity,
            title: some(self.title).map(plain),
        })
    }
}
