//! Verdicts in plain words. Texts from outside are escaped.

use std::fmt::{Display, Formatter, Result};

use super::{Allowed, Over, Summary, Worst};

/// How many findings a sentence names; the record has more.
const TOLD: usize = 5;

impl Display for Summary {
    /// What was found by whom, for example `Trivy 0.68.1 found 2 critical, 1 low (database of …)`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} found {}", self.tool.to_string().escape_debug(), self.counts)?;
        if self.counts.total() == 0 && !self.allowed.is_empty() {
            f.write_str(" that counts")?;
        }
        let platform = self.platform.iter().map(|platform| format!("in {}", platform.escape_debug()));
        let scanned = self.scanned_at.iter().map(|at| format!("scanned at {at}"));
        let database = match self.database {
            Some(at) => format!("database of {at}"),
            None => "database's date not known".to_owned(),
        };
        let details: Vec<String> = platform.chain(scanned).chain([database]).collect();
        write!(f, " ({})", details.join(", "))?;
        if !self.allowed.is_empty() {
            write!(f, "; allowed: {}", some(&self.allowed))?;
        }
        match self.ignored {
            0 => Ok(()),
            1 => f.write_str("; the scanner's own settings hid 1 more"),
            more => write!(f, "; the scanner's own settings hid {more} more"),
        }
    }
}

impl Summary {
    /// The worst findings, for a sentence.
    pub fn worst_in_words(&self) -> String {
        some(&self.worst)
    }
}

impl Display for Worst {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.id)?;
        if let Some(package) = &self.package {
            write!(f, " in {}", package.as_str().escape_debug())?;
        }
        match &self.fixed {
            Some(fixed) => write!(f, " ({}, mended in {})", self.severity, fixed.escape_debug()),
            None => write!(f, " ({})", self.severity),
        }
    }
}

impl Display for Allowed {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.by.id)?;
        if let Some(package) = &self.found_in {
            write!(f, " in {}", package.as_str().escape_debug())?;
        }
        write!(f, " ({}) until {}: {}", self.severity, self.by.expires, self.by.reason.escape_debug())
    }
}

impl Display for Over {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}, at most {} allowed", self.found, self.severity, self.maximum)
    }
}

/// The first few, and how many more there are.
pub(crate) fn some<T: Display>(items: &[T]) -> String {
    let mut told: Vec<String> = items.iter().take(TOLD).map(ToString::to_string).collect();
    if items.len() > TOLD {
        told.push(format!("and {} more", items.len() - TOLD));
    }
    told.join("; ")
}
