//! The scenarios of `tests/scenarios`: runs them and shows how each stands, and writes the page about them.
//!
//! What a scenario is about stands in its file's header and nowhere else.

mod entry;
mod verdict;

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{root, say};

use entry::{Entry, entries};
use verdict::{Verdict, verdicts};

const FOLDER: &str = "tests/scenarios";

/// Runs them all and prints a line for each.
pub(crate) fn scenarios(root: &Path) -> Result<()> {
    let entries = entries(&root.join(FOLDER))?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--package", "towpath-tests", "--test", "scenarios"]).current_dir(root);
    let output = command.stderr(Stdio::inherit()).output().context("cargo could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let verdicts = verdicts(&text);
    for entry in &entries {
        say(&format!(
            "{:>4}  {:<8}{}",
            entry.number,
            verdicts.get(&entry.number).map_or("not run", |verdict| verdict.word()),
            entry.title
        ));
    }
    let bad: Vec<u32> = entries
        .iter()
        .map(|entry| entry.number)
        .filter(|number| verdicts.get(number) != Some(&Verdict::Holds))
        .collect();
    if bad.is_empty() && output.status.success() {
        say(&format!("{} scenarios hold", entries.len()));
        return Ok(());
    }
    say(&text);
    bail!("these do not hold: {bad:?}")
}

/// `docs/scenarios.md`.
pub(crate) fn page() -> String {
    let read = root().and_then(|root| entries(&root.join(FOLDER)));
    // A page that cannot be written is stale, and says why.
    read.map_or_else(|error| format!("{error:#}\n"), |entries| written(&entries))
}

fn written(entries: &[Entry]) -> String {
    let mut page = String::from(INTRODUCTION);
    page.push_str("| number | what went wrong in the wild | what is demanded here | result |\n|---|---|---|---|\n");
    for entry in entries {
        let _infallible = writeln!(
            page,
            "| [{}]({}) | {} | {} | {} |",
            entry.number,
            entry.link(),
            entry.title,
            entry.demanded,
            entry.result()
        );
    }
    page
}

const INTRODUCTION: &str = "\
# Scenarios

Each of these went wrong for somebody who deployed to Amazon ECS with some other tool, or is a trap that AWS documents.
Each is a file in `tests/scenarios`.
It tells what happened and asserts what must hold: the exit code, what really serves in the end, the calls that were made, and what a person reads.
They run the real engine and the real AWS adapters over HTTP against [the simulator](simulator.md), on its time.

After every run of every scenario the same is asserted once more:

- nothing was changed before the check was over;
- there was one accepted update each way at most;
- `desiredCount` was never sent and nothing was deregistered;
- exit 0 has its proof;
- any other exit says why, what serves, what was changed and what to do next, and what it says is so;
- what served before can still be deployed;
- no secret came out;
- the record says the same.

`cargo xtask scenarios` runs them and says how each stands; `cargo xtask generate` writes this page from the files.
A scenario that does not hold fails the tests, so every result below is one that holds.
Numbers that are missing here are about what Towpath does not do yet, or not at all.

";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_line_for_every_scenario() {
        let entries = entries(&root().unwrap().join(FOLDER)).unwrap();
        let page = written(&entries);
        assert!(entries.len() > 30);
        assert_eq!(page.lines().filter(|line| line.starts_with("| [")).count(), entries.len());
    }
}
