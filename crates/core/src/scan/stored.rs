//! A report as it is kept: once and for ever, with who took it in and what it was read from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::Sha256;

use super::Report;

/// The format of a [`KeptReport`].
pub const REPORT_SCHEMA: u32 = 1;

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct KeptReport {
    /// The format's version, [`REPORT_SCHEMA`].
    pub schema: u32,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// By whom.
    pub received_by: String,
    /// The hash of the file that it was read from.
    pub source: Sha256,
    /// What it says.
    pub report: Report,
}

/// What is wrong with a kept report.
#[derive(Debug, thiserror::Error)]
pub enum ReportFormatError {
    /// A newer Towpath wrote it.
    #[error("it is of format {0}, and this version reads up to {REPORT_SCHEMA}")]
    Newer(u32),
    /// It is not a report.
    #[error("it is not a kept report")]
    Malformed(#[source] serde_json::Error),
}

impl KeptReport {
    /// When it counts from: when the image was scanned, and where the scanner does not say so, when it was taken in.
    pub fn dated(&self) -> Timestamp {
        self.report.scanned_at.unwrap_or(self.received_at)
    }

    /// As it is written.
    pub fn to_json(&self) -> Vec<u8> {
        format!("{:#}\n", serde_json::json!(self)).into_bytes()
    }

    /// Reads a kept report.
    ///
    /// # Errors
    /// When a newer Towpath wrote it, or it is damaged.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReportFormatError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema: u32,
        }
        let Versioned { schema } = serde_json::from_slice(bytes).map_err(ReportFormatError::Malformed)?;
        if schema != REPORT_SCHEMA {
            return Err(ReportFormatError::Newer(schema));
        }
        serde_json::from_slice(bytes).map_err(ReportFormatError::Malformed)
    }
}
