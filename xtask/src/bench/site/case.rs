//! The cases, and running one: all in turns, then each once more to count its requests, and once to count connections.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{
    super::{
        contestant::{Contestant, Standing, in_prepared_turns},
        measure,
    },
    connections::{Counted, Door},
    storage::Storage,
    tool::{Job, Tool, Who},
    tree::{LARGE, SMALL, Tree},
};

/// The delay of a request that goes to a real S3, about.
pub(super) const DELAY: u32 = 25;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Many small files, to where nothing is.
    First,
    /// The same, where every request takes [`DELAY`] longer.
    Slow,
    /// Some large files, to where nothing is.
    Large,
    /// Everything is there already.
    Unchanged,
    /// A build wrote every file anew, and a hundredth of them has other bytes.
    Rebuilt,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) case: Case,
    pub(super) storage: &'static str,
    /// Ours first.
    pub(super) standings: Vec<(Who, Standing)>,
    /// How many requests each made, where they can be counted.
    pub(super) requests: Vec<usize>,
    /// How many connections each opened.
    pub(super) connections: Vec<Counted>,
}

impl Case {
    /// How much longer every request takes.
    pub(super) fn delay(self) -> u32 {
        match self {
            Self::Slow => DELAY,
            Self::First | Self::Large | Self::Unchanged | Self::Rebuilt => 0,
        }
    }

    /// What is published.
    pub(super) fn tree(self) -> Tree {
        match self {
            Self::Large => LARGE,
            Self::First | Self::Slow | Self::Unchanged | Self::Rebuilt => SMALL,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Slow => "slow",
            Self::Large => "large",
            Self::Unchanged => "unchanged",
            Self::Rebuilt => "rebuilt",
        }
    }

    /// Whether each turn has a place of its own; otherwise the turn to warm up is the first publication.
    fn is_first(self) -> bool {
        match self {
            Self::First | Self::Slow | Self::Large => true,
            Self::Unchanged | Self::Rebuilt => false,
        }
    }

    /// Those that take part. With every request so much longer, two would take minutes.
    fn takes(self, who: &Who) -> bool {
        self != Self::Slow || !matches!(who, Who::Rclone | Who::Aws)
    }
}

/// A case that is being run.
struct Running<'a> {
    case: Case,
    storage: &'a Storage,
    tools: Vec<&'a Tool>,
    folder: &'a Path,
    s5cmd: &'a Path,
    tree: PathBuf,
    /// The build that the tree is of.
    built: Cell<usize>,
}

/// Runs a case.
pub(super) fn run(
    case: Case,
    storage: &Storage,
    (tools, s5cmd): (&[Tool], &Path),
    folder: &Path,
    runs: usize,
) -> Result<Outcome> {
    let tree = case.tree().path(folder);
    let tools = tools.iter().filter(|tool| case.takes(&tool.who)).collect();
    let running = Running { case, storage, tools, folder, s5cmd, tree, built: Cell::new(0) };
    case.tree().build(folder, 1)?;
    let contestants = running.contestants();
    let standings = in_prepared_turns(&contestants, folder, runs, |at, turn| running.prepare(at, turn))?;
    let standings = running.tools.iter().map(|tool| tool.who.clone()).zip(standings).collect();
    let requests = if storage.counts() { running.requests(&contestants, runs + 2)? } else { Vec::new() };
    let connections = if case == Case::Slow { running.connections(runs + 3)? } else { Vec::new() };
    Ok(Outcome { case, storage: storage.name, standings, requests, connections })
}

impl Running<'_> {
    fn prefix(&self, at: usize, turn: usize) -> String {
        let turn = if self.case.is_first() { turn } else { 1 };
        // Another server's bucket is another one, and so is the ledger of what is in it.
        let storage = if self.storage.counts() { "sim" } else { "s3s" };
        format!("{storage}-{}-{at}-{turn}", self.case.word())
    }

    fn prepare(&self, at: usize, turn: usize) -> Result<()> {
        if self.case.is_first() {
            self.storage.remove(&self.prefix(at, turn - 1), self.s5cmd)?;
        }
        if self.case == Case::Rebuilt && self.built.replace(turn) != turn {
            self.case.tree().build(self.folder, turn)?;
        }
        self.tools[at].prepare(&self.prefix(at, turn))
    }

    fn command(&self, at: usize, turn: usize) -> Command {
        let prefix = self.prefix(at, turn);
        self.tools[at].command(Job { tree: &self.tree, prefix: &prefix, release: turn })
    }

    fn contestants(&self) -> Vec<Contestant<'_>> {
        let contestant = |(at, tool): (usize, &&Tool)| {
            let command = move |turn: usize| {
                let mut command = self.command(at, turn);
                self.storage.known_to(&mut command, self.storage.address());
                command
            };
            Contestant { name: tool.name, command: Box::new(command), exit: tool.exit() }
        };
        self.tools.iter().enumerate().map(contestant).collect()
    }

    fn requests(&self, contestants: &[Contestant<'_>], turn: usize) -> Result<Vec<usize>> {
        let count = |(at, contestant): (usize, &Contestant<'_>)| {
            self.prepare(at, turn)?;
            let run = || contestant.measured(turn, self.folder).map(drop);
            self.storage.requests(run).context(contestant.name)
        };
        contestants.iter().enumerate().map(count).collect()
    }

    fn connections(&self, turn: usize) -> Result<Vec<Counted>> {
        let count = |(at, tool): (usize, &&Tool)| {
            self.prepare(at, turn)?;
            let door = Door::before(self.storage.address())?;
            let mut command = self.command(at, turn);
            self.storage.known_to(&mut command, door.address());
            measure::run(&command, self.folder, tool.exit()).context(tool.name)?;
            Ok(door.counted())
        };
        self.tools.iter().enumerate().map(count).collect()
    }
}
