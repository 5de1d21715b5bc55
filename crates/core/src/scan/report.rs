//! A report: what one scanner said of one image at one time, in one form whoever made it.
//!
//! It does not say whether that is good enough.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::Digest;

use super::{
    Finding,
    finding::{distinct, plain},
};

/// What one scanner said of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Report {
    /// What was scanned: an image, or an index of images.
    pub image: Digest,
    /// What the scanned image runs on, for example `linux/arm64`, where the scanner says so.
    pub platform: Option<String>,
    /// Who scanned.
    pub tool: Tool,
    /// How old its knowledge was: when its database was made.
    pub database: Option<Timestamp>,
    /// When it scanned.
    pub scanned_at: Option<Timestamp>,
    /// What it found.
    pub found: Found,
}

/// A scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version, where it says so.
    pub version: Option<String>,
}

/// What a scanner found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Found {
    /// It looked into the image.
    Findings {
        /// What it found, the worst first, none twice.
        findings: Vec<Finding>,
        /// How many more it found and did not list because its own settings told it to ignore them.
        ignored: usize,
    },
    /// It could not look into the image.
    Nothing {
        /// Why.
        why: String,
    },
}

/// What is known of the scan of one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scan {
    /// There is a report.
    Reported {
        /// The newest.
        report: Box<Report>,
    },
    /// There is none.
    Unknown {
        /// The image.
        image: Digest,
        /// Why.
        why: String,
    },
}

impl Tool {
    /// A scanner by its name and version.
    pub fn new(name: &str, version: Option<&str>) -> Self {
        let version = version.map(plain).filter(|version| !version.is_empty());
        Self { name: plain(name), version }
    }
}

impl std::fmt::Display for Tool {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)?;
        self.version.iter().try_for_each(|version| write!(formatter, " {version}"))
    }
}

impl Found {
    /// What was found, none twice.
    pub fn findings(findings: Vec<Finding>, ignored: usize) -> Self {
        Self::Findings { findings: distinct(findings), ignored }
    }

    /// It could not be scanned.
    pub fn nothing(why: &str) -> Self {
        Self::Nothing { why: plain(why) }
    }
}

impl Scan {
    /// A scan that there is a report of.
    pub fn reported(report: Report) -> Self {
        Self::Reported { report: Box::new(report) }
    }
}
