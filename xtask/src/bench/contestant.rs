//! Those who are compared, and running them in turns.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result};

use super::{
    cost::Cost,
    measure,
    statistics::{self, Summary},
};

/// One of those who are compared.
pub(super) struct Contestant<'a> {
    /// As the table calls it; the first of a case is ours.
    pub(super) name: &'static str,
    /// What to run the `n`th time, from 1.
    pub(super) command: Box<dyn Fn(usize) -> Command + 'a>,
    /// The code that it ends with where all went well.
    pub(super) exit: i32,
}

impl Contestant<'_> {
    /// Runs it the `turn`th time.
    pub(super) fn measured(&self, turn: usize, folder: &Path) -> Result<Cost> {
        measure::run(&(self.command)(turn), folder, self.exit).context(self.name)
    }
}

/// How one of them did.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) name: &'static str,
    pub(super) summary: Summary,
}

/// Runs all in turns, A B C A B C, the first turn for warming up only.
pub(super) fn in_turns(contestants: &[Contestant<'_>], folder: &Path, runs: usize) -> Result<Vec<Standing>> {
    in_prepared_turns(contestants, folder, runs, |_, _| Ok(()))
}

/// As [`in_turns`], with work before each that is not measured: of which one it is, and of which turn, from 1.
pub(super) fn in_prepared_turns(
    contestants: &[Contestant<'_>],
    folder: &Path,
    runs: usize,
    prepare: impl Fn(usize, usize) -> Result<()>,
) -> Result<Vec<Standing>> {
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); contestants.len()];
    for turn in 1..=runs + 1 {
        for (at, (contestant, costs)) in contestants.iter().zip(&mut costs).enumerate() {
            prepare(at, turn).context(contestant.name)?;
            let cost = contestant.measured(turn, folder)?;
            if turn > 1 {
                costs.push(cost);
            }
        }
    }
    contestants
        .iter()
        .zip(&costs)
        .map(|(contestant, costs)| {
            let summary = statistics::summary(costs).context("there were no runs")?;
            Ok(Standing { name: contestant.name, summary })
        })
        .collect()
}
