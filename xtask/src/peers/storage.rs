//! Clients of S3 and CloudFront against the simulator: boto3, the aws command line, s5cmd, rclone and terraform.
//!
//! The checks are `python/storage_checks.py`. A program that is not on the machine is told and counted as not run;
//! nothing is installed here but what pip brings.

use std::fs;

use anyhow::{Context as _, Result};

use super::{
    boto3::note_script,
    programs::Programs,
    python::Python,
    simulated::{self, ACCOUNT, Simulated},
    tally::Tally,
};

const PEER: &str = "storage";

/// Makes all checks against a simulator of their own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = run(tally, programs, python) {
        tally.note_result(PEER, "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let towpath = programs.ours("towpath")?;
    let scenario = programs.root.join("xtask/src/peers/storage.toml");
    let simulated = Simulated::start(&towpath, &scenario, 1, &programs.target.join("peers/simulator-of-storage.log"))?;
    let scratch = programs.target.join("peers/storage");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    }
    fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    let mut environment = simulated::environment(simulated.address(), ACCOUNT);
    // Programs that would write to a home get one of their own.
    environment.push(("HOME", scratch.display().to_string()));
    environment.push(("PEER_BINARIES", python.binaries().display().to_string()));
    let words = [scratch.display().to_string()];
    note_script(tally, PEER, python, ("storage_checks.py", &words), environment)
}
