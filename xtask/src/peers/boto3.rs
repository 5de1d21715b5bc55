//! boto3 against the simulator: botocore parses every answer, and every answer fits botocore's own model.
//!
//! The checks themselves are `python/boto3_checks.py`, which prints a JSON line for each.

use std::{
    io::{BufRead as _, BufReader},
    process::{ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::{
    programs::Programs,
    python::Python,
    simulated::{self, ACCOUNT, Simulated},
    tally::Tally,
};

const PEER: &str = "boto3";

/// Makes all checks against a simulator of their own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = run(tally, programs, python) {
        tally.note_result(PEER, "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let simulated = Simulated::for_peer(programs, PEER)?;
    let environment = simulated::environment(simulated.address(), ACCOUNT);
    note_script(tally, PEER, python, ("boto3_checks.py", &[]), environment)
}

/// Runs a script of ours with its words, and notes every check that it prints as the peer's.
pub(super) fn note_script(
    tally: &mut Tally,
    peer: &str,
    python: &Python,
    (script, words): (&str, &[String]),
    environment: Vec<(&'static str, String)>,
) -> Result<()> {
    let mut child = Command::new(python.program("python"))
        .arg(python.source(script))
        .args(words)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("python could not be started")?;
    let noted = child.stdout.take().map(|printed| note_all(tally, peer, printed));
    let status = child.wait()?;
    noted.context("the checks have no output")??;
    ensure!(status.success(), "the checks ended with {status}");
    Ok(())
}

/// Notes every line that is printed, until the output ends.
fn note_all(tally: &mut Tally, peer: &str, printed: ChildStdout) -> Result<()> {
    for line in BufReader::new(printed).lines() {
        let line = line?;
        let ended: Value = serde_json::from_str(&line).with_context(|| line.clone())?;
        let name = ended["check"].as_str().context("a line without `check`")?;
        match ended["not-run"].as_str() {
            Some(reason) => tally.note_missing(peer, name, reason),
            None => tally.note(peer, name, ended["problem"].as_str()),
        }
    }
    Ok(())
}
