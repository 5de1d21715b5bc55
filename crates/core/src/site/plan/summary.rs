//! A plan in numbers and words, for people and for programs. It decides nothing.

use std::fmt;

use serde::Serialize;

use super::{Change, Deletions, SitePlan, Wave, WaveKind};
use crate::site::Manifest;

/// A plan in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlanSummary {
    /// How many files are written, by wave and reason.
    pub writes: Vec<(WaveKind, Change, usize)>,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many files are there already as they should be.
    pub unchanged: usize,
    /// What may be deleted afterwards.
    pub deletions: Deletions,
}

impl PlanSummary {
    /// The summary of a plan for this manifest.
    pub fn of(plan: &SitePlan, next: &Manifest) -> Self {
        let written = plan.waves.iter().flat_map(|wave| &wave.writes);
        let bytes = written.filter_map(|write| next.file(&write.path)).map(|file| file.size).sum();
        let writes = plan.waves.iter().flat_map(by_change).collect();
        Self { writes, bytes, unchanged: plan.unchanged, deletions: plan.deletions.clone() }
    }
}

fn by_change(wave: &Wave) -> Vec<(WaveKind, Change, usize)> {
    let count = |change| (wave.kind, change, wave.writes.iter().filter(|write| write.change == change).count());
    let counts = [Change::New, Change::Bytes, Change::Headers, Change::Unsure].map(count);
    counts.into_iter().filter(|(_, _, count)| *count > 0).collect()
}

impl fmt::Display for PlanSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, change, count) in &self.writes {
            writeln!(formatter, "{:<16} {count:>7} {}", kind.word(), change.word())?;
        }
        write!(formatter, "{:<16} {:>7}", "unchanged", self.unchanged)?;
        match &self.deletions {
            Deletions::Allowed { count: 0, .. } => Ok(()),
            Deletions::Allowed { count, .. } => write!(formatter, "\n{:<16} {count:>7}", "deleted last"),
            Deletions::Withheld { going, all, limit } => {
                write!(formatter, "\nnothing is deleted: {going} of {all} would go, and {limit} may")
            }
        }
    }
}
