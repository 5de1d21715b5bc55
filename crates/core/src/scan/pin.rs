//! The programs that scan images, and the versions of them that may be run.
//!
//! Nothing is run here.

use std::{fmt, str::FromStr, time::Duration};

use crate::identifier::{InvalidIdentifier, Sha256, Version};

/// A program that scans images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scanner {
    /// Trivy.
    Trivy,
    /// Grype.
    Grype,
}

impl Scanner {
    /// Every program that can be run.
    pub const ALL: [Self; 2] = [Self::Trivy, Self::Grype];

    /// Its name, which is also what it is run as.
    pub fn program(self) -> &'static str {
        match self {
            Self::Trivy => "trivy",
            Self::Grype => "grype",
        }
    }
}

impl fmt::Display for Scanner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.program())
    }
}

impl FromStr for Scanner {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scanner| scanner.program() == text).ok_or_else(|| InvalidIdentifier {
            what: "a program that scans images",
            value: text.to_owned(),
            rule: "use `trivy` or `grype`",
        })
    }
}

/// The one build of a program that may be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The version that it must say it is.
    pub version: Version,
    /// What its file must hash to, where that is said: a version is only what a program says of itself.
    pub sha256: Option<Sha256>,
}

/// The scanners that may be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanners {
    /// The Trivy that may be run; none where nothing is said.
    pub trivy: Option<Pin>,
    /// The Grype that may be run; none where nothing is said.
    pub grype: Option<Pin>,
    /// How long the scan of one image may take.
    pub timeout: Duration,
}

impl Scanners {
    /// The build of this program that may be run.
    pub fn pin(&self, scanner: Scanner) -> Option<&Pin> {
        match scanner {
            Scanner::Trivy => self.trivy.as_ref(),
            Scanner::Grype => self.grype.as_ref(),
        }
    }
}

/// What may be found in an image before it gets a tag or becomes part of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishRules {
    /// How what is found is judged, and where it is looked up where nothing is run.
    pub rules: super::Rules,
    /// What is run on each image that was built; nothing where findings are looked up.
    pub run: Option<Scanner>,
}
