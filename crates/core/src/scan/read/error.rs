//! What is wrong with a scanner's file.

use crate::identifier::{Digest, InvalidIdentifier};

/// The form of a scanner's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `trivy image --format json`.
    Trivy,
    /// `grype --output json`.
    Grype,
    /// SARIF, of Trivy or Grype.
    Sarif,
}

impl std::fmt::Display for Format {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Trivy => "Trivy's JSON",
            Self::Grype => "Grype's JSON",
            Self::Sarif => "SARIF",
        })
    }
}

/// Why a scanner's file is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is larger than any report is.
    #[error("the report has more than {} MiB", most / (1024 * 1024))]
    TooLarge {
        /// The largest that is read, in bytes.
        most: usize,
    },
    /// It is no JSON, or was cut short.
    #[error("the report is not whole JSON")]
    NotJson(#[source] serde_json::Error),
    /// It is JSON of another kind.
    #[error("the report is none of Trivy's JSON, Grype's JSON and SARIF")]
    UnknownForm,
    /// It is a newer form of a known one.
    #[error("the report is {format} of version {version}, which this version does not know")]
    UnknownVersion {
        /// The form.
        format: Format,
        /// Its version.
        version: String,
    },
    /// It is SARIF of another tool.
    #[error("the report is of `{}`, and only those of Trivy and Grype are known", .0.escape_debug())]
    OtherTool(String),
    /// It is a report about something else than an image.
    #[error("the report is about `{}`, not about an image", .0.escape_debug())]
    NoImage(String),
    /// A member is missing or of the wrong kind.
    #[error("the report is damaged, or not {format}")]
    Damaged {
        /// The form that it seems to be.
        format: Format,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// A word in it is none that it may be.
    #[error("the report is damaged, or not {format}")]
    Word {
        /// The form that it seems to be.
        format: Format,
        /// What is wrong.
        #[source]
        source: InvalidIdentifier,
    },
    /// It has more findings than any image has.
    #[error("the report has more than {most} findings")]
    TooMany {
        /// The most that are read.
        most: usize,
    },
    /// It does not say which image it is about.
    #[error("the report ({format}) does not say by digest which image it is about")]
    NoDigest {
        /// The form.
        format: Format,
    },
    /// It is about another image.
    #[error("the report is about {}, not about {wanted}", list(found))]
    OtherImage {
        /// The image that it was to be about.
        wanted: Digest,
        /// The images that it names.
        found: Vec<Digest>,
    },
}

fn list(digests: &[Digest]) -> String {
    digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}
