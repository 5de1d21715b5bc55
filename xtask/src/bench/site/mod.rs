//! `cargo xtask bench site`: `towpath site deploy` beside `s5cmd`, `rclone` and `aws s3 sync`.
//!
//! All publish the same directory to one server of S3 on loopback, in turns. The cases are a first publication of small
//! and of large files, one where nothing changed, and one after a build that wrote every file anew. How long CloudFront
//! takes, and what a browser sees of it, is not measured.

mod connections;
mod storage;
mod tree;

mod case;
mod found;
mod page;
mod tool;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    peers::{programs::Programs, python::Python},
    say,
};

use super::{machine, runs};

use self::{
    case::{Case, Outcome},
    found::Found,
    storage::Storage,
};

/// What is measured against the simulator; each has one of its own.
const CASES: [Case; 5] = [Case::First, Case::Slow, Case::Large, Case::Unchanged, Case::Rebuilt];

/// What is measured against a server that is not ours. It tells no tags in its listings, without which some of the
/// others look at every file.
const CASES_ELSEWHERE: [Case; 4] = [Case::First, Case::Large, Case::Unchanged, Case::Rebuilt];

/// The variable that names the binary to measure, where it is not to be built.
const BINARY: &str = "TOWPATH_BENCH_BINARY";

/// Publishes, and prints and writes the tables.
pub(super) fn run(root: &Path, options: &[String]) -> Result<()> {
    let runs = runs(options)?;
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let towpath = match std::env::var_os(BINARY) {
        Some(binary) => binary.into(),
        None => programs.build("towpath", &["--release", "--package", "towpath"])?,
    };
    let folder = programs.target.join("bench/site");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let machine = machine::facts(&python, &folder, runs);
    let tools = tool::all(&towpath, &python, &folder)?;
    let s5cmd = tool::s5cmd(&python)?;
    let mut outcomes: Vec<Outcome> = Vec::new();
    for case in CASES {
        let storage = Storage::simulated(&towpath, &folder, case.delay())?;
        outcomes.push(case::run(case, &storage, (&tools, &s5cmd), &folder, runs)?);
    }
    let found = found::all(&Storage::simulated(&towpath, &folder, 0)?, &tools, &folder)?;
    let file = folder.join("site.md");
    // What there is by now is kept, whatever becomes of the rest.
    written(&file, &machine, &outcomes, &found)?;
    match Storage::s3s(&towpath, &folder)? {
        Some(storage) => {
            for case in CASES_ELSEWHERE {
                outcomes.push(case::run(case, &storage, (&tools, &s5cmd), &folder, runs)?);
            }
        }
        None => say("s3s-fs is not on this machine: all was published to the simulator alone"),
    }
    say(&written(&file, &machine, &outcomes, &found)?);
    say(&format!("written to {}", file.display()));
    Ok(())
}

/// Writes the page, and answers it.
fn written(file: &Path, machine: &[(&'static str, String)], outcomes: &[Outcome], found: &[Found]) -> Result<String> {
    let page = page::page(machine, outcomes, found);
    fs::write(file, &page).with_context(|| file.display().to_string())?;
    Ok(page)
}
