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
}

/// How one of them did.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) name: &'static str,
    pub(super) summary: Summary,
}

/// Runs all in turns, A B C A B C, the first turn for warming up only.
pub(super) fn in_turns(contestants: &[Contestant<'_>], folder: &Path, runs: usize) -> Result<Vec<Standing>> {
    let mut costs: Vec<Vec<Cost>> = vec![Vec::new(); contestants.len()];
    for turn in 1..=runs + 1 {
        for (contestant, costs) in contestants.iter().zip(&mut costs) {
            let cost = measure::run(&(contestant.command)(turn), folder).with_context(|| contestant.name)?;
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
