//! One thing that a scanner found.
//!
//! Texts are those of the scanner's database: cut to a length, without control characters, and never trusted further.

use serde::{Deserialize, Serialize};

use crate::identifier::{PackageName, VulnerabilityId};

use super::Severity;

/// The longest version or title that is kept, in characters.
const LONGEST: usize = 200;

/// One thing that was found in one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Finding {
    /// What.
    pub id: VulnerabilityId,
    /// In which package, where the scanner says so.
    pub package: Option<PackageName>,
    /// In which version of it.
    pub installed: Option<InstalledVersion>,
    /// The versions in which it is mended, where there are any.
    pub fixed: Option<InstalledVersion>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, in the scanner's words.
    pub title: Option<String>,
}

/// A package's version, or several, as a scanner writes them. It is shown and compared, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct InstalledVersion(String);

impl InstalledVersion {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for InstalledVersion {
    fn from(text: String) -> Self {
        Self(plain(&text))
    }
}

impl From<InstalledVersion> for String {
    fn from(version: InstalledVersion) -> Self {
        version.0
    }
}

impl std::fmt::Display for InstalledVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

/// A scanner's text on one line, cut to a length.
pub(super) fn plain(text: &str) -> String {
    let shown = |character: char| if character.is_control() { ' ' } else { character };
    text.trim().chars().take(LONGEST).map(shown).collect()
}

/// One entry for each id, package and version, its worst: scanners list one finding for every file it is in.
pub(super) fn distinct(mut findings: Vec<Finding>) -> Vec<Finding> {
    let named = |finding: &Finding| (finding.id.clone(), finding.package.clone(), finding.installed.clone());
    findings.sort_by(|one, other| other.severity.cmp(&one.severity).then_with(|| named(one).cmp(&named(other))));
    let mut seen = std::collections::BTreeSet::new();
    findings.retain(|finding| seen.insert(named(finding)));
    findings
}
