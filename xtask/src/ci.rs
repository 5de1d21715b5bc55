//! The chores that are a run of cargo, and all chores in a row.

use std::{path::Path, process::Command, time::Instant};

use anyhow::{Context as _, Result, bail};

use crate::{say, tidy};

/// A chore, given the folder of the workspace.
type Step = fn(&Path) -> Result<()>;

/// Everything that must hold before a change is merged; the first thing that does not ends it.
pub(crate) fn all(root: &Path) -> Result<()> {
    let steps: [(&str, Step); 5] =
        [("format", format), ("lints", lints), ("docs", docs), ("tidy", tidy::tidy), ("test", test)];
    for (name, step) in steps {
        let begun = Instant::now();
        say(&format!("== {name}"));
        step(root).with_context(|| format!("`cargo xtask {name}`"))?;
        say(&format!("== {name}: {:.1} s", begun.elapsed().as_secs_f64()));
    }
    Ok(())
}

pub(crate) fn format(root: &Path) -> Result<()> {
    cargo(root, &["fmt", "--all", "--", "--check"], &[])
}

pub(crate) fn lints(root: &Path) -> Result<()> {
    cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
}

pub(crate) fn docs(root: &Path) -> Result<()> {
    cargo(root, &["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])
}

pub(crate) fn test(root: &Path) -> Result<()> {
    cargo(root, &["test", "--workspace"], &[])
}

pub(crate) fn cargo(root: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).envs(environment.iter().copied()).current_dir(root);
    let status = command.status().context("cargo could not be started")?;
    if status.success() {
        return Ok(());
    }
    bail!("`cargo {}` found something", arguments.join(" "))
}
