//! Clients of registries against the simulator's ECR: skopeo, buildah and podman, the aws command line and boto3.
//!
//! They are other people's programs of the machine: where one is missing, its checks are counted as not run, with the
//! reason. A registry without TLS on loopback is all that they are told of the simulator.

mod build;
mod client;
mod copy;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use super::{
    boto3,
    programs::Programs,
    python::Python,
    simulated::{self, ACCOUNT, Simulated},
    tally::Tally,
};
use client::Client;

/// A check, what it is called, and the program that it needs.
struct Check {
    program: &'static str,
    name: &'static str,
    run: fn(&Client<'_>) -> Result<()>,
}

/// Makes all checks against a simulator of their own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = run(tally, programs, python) {
        tally.note_result("registry", "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let towpath = programs.ours("towpath")?;
    let scenario = programs.root.join("xtask/src/peers/world_of_images.toml");
    let log = programs.target.join("peers/simulator-of-registry.log");
    let simulated = Simulated::start(&towpath, &scenario, 1, &log)?;
    let client = Client::new(python, &simulated, &empty_folder(&programs.target.join("peers/images"))?)?;
    for check in copy::CHECKS.iter().chain(&build::CHECKS) {
        note(tally, &client, check);
    }
    let environment = simulated::environment(simulated.address(), ACCOUNT);
    boto3::note_script(tally, "boto3", python, ("registry_checks.py", &[]), environment)
}

/// A folder in which nothing is left of an earlier run.
fn empty_folder(folder: &Path) -> Result<PathBuf> {
    let shown = || folder.display().to_string();
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(shown)?;
    }
    fs::create_dir_all(folder).with_context(shown)?;
    Ok(folder.to_owned())
}

fn note(tally: &mut Tally, client: &Client<'_>, check: &Check) {
    match found(check.program) {
        Some(_) => tally.note_result(check.program, check.name, (check.run)(client)),
        None => tally.note_missing(check.program, check.name, "it is not installed on this machine"),
    }
}

/// Where a program of the machine is.
fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_where_the_machine_has_it() {
        assert!(found("sh").is_some());
        assert_eq!(found("no-such-program"), None);
    }
}
