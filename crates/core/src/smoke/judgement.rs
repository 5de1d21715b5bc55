//! What one attempt at a smoke check amounts to, as values that a record keeps and people read.
//!
//! Bodies are never kept, only the members that were asked for. It decides nothing: `judge` and `Progress` do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::identifier::Sha256;

use super::{Excerpt, Stage};

/// What one attempt amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "judgement", deny_unknown_fields)]
#[must_use = "an attempt that nobody judges proves nothing"]
pub enum Judgement {
    /// The answer is as expected.
    Passed,
    /// There was an answer, and it is another one.
    Mismatch {
        /// In what it differs; never empty.
        differences: Vec<Difference>,
    },
    /// There was no answer.
    Unreachable {
        /// How far it came.
        stage: Stage,
        /// What went wrong, in the transport's words.
        reason: Excerpt,
    },
}

/// In what an answer differs from the one expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", tag = "difference", deny_unknown_fields)]
pub enum Difference {
    /// Another status.
    Status {
        /// The one expected.
        expected: u16,
        /// The one that came.
        found: u16,
        /// Who said so.
        answered_by: AnsweredBy,
    },
    /// A redirect, which is not followed.
    Redirected {
        /// Its status.
        status: u16,
        /// Where to, without query and fragment, which may hold tokens.
        location: Option<Excerpt>,
    },
    /// A header is not there.
    HeaderMissing {
        /// Its name.
        name: String,
    },
    /// A header has another value.
    HeaderDifferent {
        /// Its name.
        name: String,
        /// The value expected.
        expected: Excerpt,
        /// The value that came.
        found: Excerpt,
    },
    /// The body is of another media type.
    ContentType {
        /// The one expected.
        expected: Excerpt,
        /// The one that came, if any.
        found: Option<Excerpt>,
    },
    /// The body was expected to be JSON and is not.
    NotJson {
        /// What it is.
        body: Body,
    },
    /// The JSON body has no such member.
    JsonMissing {
        /// Its dotted path.
        path: String,
    },
    /// A member of the JSON body has another value.
    JsonDifferent {
        /// Its dotted path.
        path: String,
        /// The value expected, as JSON.
        expected: Excerpt,
        /// The value that came, as JSON.
        found: Excerpt,
    },
    /// The body has other bytes than the file that was expected.
    OtherBytes {
        /// What the file hashes to.
        expected: Sha256,
        /// What the body hashes to; nothing where it is longer than is read.
        found: Option<Sha256>,
    },
    /// The body does not contain the text.
    NotContained {
        /// The text expected.
        expected: Excerpt,
    },
}

/// Who gave an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnsweredBy {
    /// The application, as far as one can see.
    Application,
    /// A load balancer that reached no application: it names itself in the `Server` header.
    LoadBalancer,
}

/// What a body is that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Nothing.
    Empty,
    /// A page: often the catch-all of a single-page application.
    Html,
    /// Longer than is read.
    CutOff,
    /// Something else.
    Other,
}

impl fmt::Display for Judgement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => formatter.write_str("passed"),
            Self::Mismatch { differences } => {
                formatter.write_str(&differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            }
            Self::Unreachable { stage, reason } => {
                write!(formatter, "no answer ({stage}): {reason}")
            }
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Address => "the address cannot be asked",
            Self::Connect => "no connection",
            Self::Answer => "connected, no whole answer",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { expected, found, answered_by } => {
                write!(formatter, "status {found} from {answered_by}, expected {expected}")
            }
            Self::Redirected { status, location: Some(location) } => {
                write!(formatter, "redirected ({status}) to {location}, which is not followed")
            }
            Self::Redirected { status, location: None } => write!(formatter, "redirected ({status}) to nowhere"),
            Self::HeaderMissing { name } => write!(formatter, "no header {name:?}"),
            Self::HeaderDifferent { name, expected, found } => {
                write!(formatter, "header {name:?} is {found}, expected {expected}")
            }
            Self::ContentType { expected, found: Some(found) } => {
                write!(formatter, "content type {found}, expected {expected}")
            }
            Self::ContentType { expected, found: None } => write!(formatter, "no content type, expected {expected}"),
            Self::NotJson { body } => write!(formatter, "the body is {body}, expected JSON"),
            Self::JsonMissing { path } => write!(formatter, "no JSON member {path:?}"),
            Self::JsonDifferent { path, expected, found } => {
                write!(formatter, "JSON member {path:?} is {found}, expected {expected}")
            }
            Self::OtherBytes { expected, found: Some(found) } => {
                write!(formatter, "the body hashes to {}…, expected {}…", short(found), short(expected))
            }
            Self::OtherBytes { expected, found: None } => {
                write!(formatter, "the body has another length than {}…", short(expected))
            }
            Self::NotContained { expected } => {
                write!(formatter, "the body does not contain {expected}")
            }
        }
    }
}

/// The first twelve digits.
fn short(hash: &Sha256) -> &str {
    &hash.as_str()[..12]
}

impl Judgement {
    /// Whether the bytes that came are others than those of the file that was expected.
    pub fn is_about_bytes(&self) -> bool {
        match self {
            Self::Passed | Self::Unreachable { .. } => false,
            Self::Mismatch { differences } => {
                differences.iter().any(|difference| matches!(difference, Difference::OtherBytes { .. }))
            }
        }
    }
}

impl fmt::Display for AnsweredBy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Application => "the application",
            Self::LoadBalancer => "the load balancer",
        })
    }
}

impl fmt::Display for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "empty",
            Self::Html => "an HTML page (a single-page application's catch-all?)",
            Self::CutOff => "longer than is read",
            Self::Other => "something else",
        })
    }
}
