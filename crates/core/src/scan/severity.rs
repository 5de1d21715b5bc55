//! How bad a finding is, in the words that all scanners share, and how many there are of each.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::identifier::InvalidIdentifier;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nobody has said yet.
    Unknown,
    /// Not worth an update. ECR calls it informational.
    Negligible,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 6] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Negligible, Self::Unknown];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What a base score of CVSS amounts to, by the words of version 3; a score of nothing says nothing.
    pub fn of_score(score: f64) -> Self {
        match score {
            score if score >= 9.0 => Self::Critical,
            score if score >= 7.0 => Self::High,
            score if score >= 4.0 => Self::Medium,
            score if score > 0.0 => Self::Low,
            _ => Self::Unknown,
        }
    }
}

impl FromStr for Severity {
    type Err = InvalidIdentifier;

    /// Reads the word of any scanner: Trivy's, Grype's, ECR's own and Inspector's.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "critical" => Ok(Self::Critical),
            "high" => Ok(Self::High),
            "medium" => Ok(Self::Medium),
            "low" => Ok(Self::Low),
            "negligible" | "informational" => Ok(Self::Negligible),
            "unknown" | "undefined" | "untriaged" => Ok(Self::Unknown),
            _ => Err(InvalidIdentifier {
                what: "a severity",
                value: text.to_owned(),
                rule: "use critical, high, medium, low, negligible or unknown",
            }),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// How many findings there are of each severity. None is the same as not mentioned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<Severity, usize>);

impl Counts {
    /// How many of this severity.
    pub fn of(&self, severity: Severity) -> usize {
        self.0.get(&severity).copied().unwrap_or_default()
    }

    /// How many in all.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }
}

impl FromIterator<Severity> for Counts {
    fn from_iter<T: IntoIterator<Item = Severity>>(severities: T) -> Self {
        let mut counts = BTreeMap::new();
        for severity in severities {
            *counts.entry(severity).or_default() += 1;
        }
        Self(counts)
    }
}

impl fmt::Display for Counts {
    /// The worst first, for example `2 critical, 1 low`; `nothing` where there is nothing.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = Severity::ALL
            .into_iter()
            .filter(|severity| self.of(*severity) > 0)
            .map(|severity| format!("{} {severity}", self.of(severity)))
            .collect();
        formatter.write_str(if told.is_empty() { "nothing" } else { "" })?;
        formatter.write_str(&told.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<Severity>) {
        assert_eq!(word.parse().ok(), expected, "{word}");
    }

    #[test]
    fn every_scanners_word_is_known_and_no_other() {
        check("CRITICAL", Some(Severity::Critical));
        check("Negligible", Some(Severity::Negligible));
        check("INFORMATIONAL", Some(Severity::Negligible));
        check("UNDEFINED", Some(Severity::Unknown));
        check("UNTRIAGED", Some(Severity::Unknown));
        check("IMPORTANT", None);
        check("", None);
    }

    #[test]
    fn the_worst_is_told_first() {
        let counts: Counts = [Severity::Low, Severity::Critical, Severity::Low].into_iter().collect();
        assert_eq!(counts.to_string(), "1 critical, 2 low");
        assert_eq!(Counts::default().to_string(), "nothing");
    }

    #[test]
    fn a_score_that_says_nothing_is_not_harmless() {
        assert_eq!(
            [9.8, 7.0, 6.9, 0.1, 0.0, f64::NAN].map(Severity::of_score),
            [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Unknown, Severity::Unknown]
        );
    }
}
