//! A bundle as it is kept: once and for ever, with who handed it in.
//!
//! That it is kept proves nothing: it is verified each time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format of a [`KeptBundle`].
pub const BUNDLE_SCHEMA: u32 = 1;

/// A bundle as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct KeptBundle {
    /// The format's version, [`BUNDLE_SCHEMA`].
    pub schema: u32,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// By whom.
    pub received_by: String,
    /// The bundle.
    pub bundle: Value,
}

/// What is wrong with a kept bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleFormatError {
    /// A newer Towpath wrote it.
    #[error("it is of format {0}, and this version reads up to {BUNDLE_SCHEMA}")]
    Newer(u32),
    /// It is not a bundle.
    #[error("it is not a kept bundle")]
    Malformed(#[source] serde_json::Error),
}

impl KeptBundle {
    /// As it is written.
    pub fn to_json(&self) -> Vec<u8> {
        format!("{:#}\n", serde_json::json!(self)).into_bytes()
    }

    /// Reads a kept bundle.
    ///
    /// # Errors
    /// When a newer Towpath wrote it, or it is damaged.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BundleFormatError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema: u32,
        }
        let Versioned { schema } = serde_json::from_slice(bytes).map_err(BundleFormatError::Malformed)?;
        if schema != BUNDLE_SCHEMA {
            return Err(BundleFormatError::Newer(schema));
        }
        serde_json::from_slice(bytes).map_err(BundleFormatError::Malformed)
    }
}
