//! What kind of file a file is: this decides when it is written, and how long it may be cached.

use serde::{Deserialize, Serialize};

/// What kind of file a file is. Ordered as files are written: what refers to others comes after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileClass {
    /// Its name carries its content's hash, so it never changes under that name.
    Hashed,
    /// Anything else that a document refers to: pictures, fonts, scripts without a hash, `robots.txt`.
    Asset,
    /// HTML, which refers to the others.
    Document,
    /// The document that a visitor gets first. Written last of all.
    Entry,
}

impl FileClass {
    /// Whether a file of this kind may have other content under the same name in another release.
    pub fn is_mutable(self) -> bool {
        self != Self::Hashed
    }

    /// The class for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hashed => "hashed asset",
            Self::Asset => "asset",
            Self::Document => "document",
            Self::Entry => "entry",
        }
    }
}
