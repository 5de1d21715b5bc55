//! `cargo xtask bench [--runs N]`: what Towpath costs beside the tools that people use instead.
//!
//! All contestants of a case run interleaved on the same machine against the same simulator, and medians are compared:
//! that is what a noisy machine allows. The table goes to the terminal and into the target folder; the figures that
//! are kept are in `docs/benchmarks.md`.

mod chain;
mod cost;
mod measure;
mod statistics;

mod recorder;
mod stage;

mod contestant;
mod deployment;
mod startup;

mod machine;
mod report;
mod targets;

mod copying;
mod fleet;
mod site;
mod waiting;

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    peers::{programs::Programs, python::Python},
    say,
};

/// The word after `bench` for the part that takes minutes of real time.
const WAITING: &str = "waiting";

/// The word after `bench` for five hundred services in one run.
const FLEET: &str = "fleet";

/// The word after `bench` for the comparison of copies of images.
const COPYING: &str = "copying";

/// The word after `bench` for the comparison of publications of a site.
const SITE: &str = "site";

/// How often each contestant runs, unless told otherwise.
const RUNS: usize = 7;

/// Runs everything, and prints and writes the table.
pub(crate) fn bench(root: &Path, options: &[String]) -> Result<()> {
    if let [first, rest @ ..] = options
        && first == measure::OPTION
    {
        return measure::child(rest);
    }
    if options == [WAITING] {
        return waiting::run(root);
    }
    if options == [FLEET] {
        return fleet::run(root);
    }
    if options == [COPYING] {
        return copying::run(root);
    }
    if let [first, rest @ ..] = options
        && first == SITE
    {
        return site::run(root, rest);
    }
    let runs = runs(options)?;
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let towpath = programs.build("towpath", &["--release", "--package", "towpath"])?;
    let folder = programs.target.join("bench");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let machine = machine::facts(&python, &folder, runs);
    let startup = startup::run(&towpath, &python, &folder, runs)?;
    let deployments = deployment::run(&programs, &towpath, &python, &folder, runs)?;
    let findings = report::Findings { machine, size: fs::metadata(&towpath)?.len(), startup, deployments };
    let page = report::page(&findings);
    let file = folder.join("benchmarks.md");
    fs::write(&file, &page).with_context(|| file.display().to_string())?;
    say(&page);
    say(&format!("written to {}", file.display()));
    Ok(())
}

fn runs(options: &[String]) -> Result<usize> {
    let runs = match options {
        [] => RUNS,
        [name, number] if name == "--runs" => {
            number.parse().with_context(|| format!("`{number}` is no number of runs"))?
        }
        _ => bail!(
            "there is `cargo xtask bench`, with `--runs N`, and `cargo xtask bench` with `site`, `waiting`, `fleet` or `copying`"
        ),
    };
    ensure!(runs > 0, "nothing can be said of no runs");
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_seven_or_what_is_asked_for() {
        let check = |options: &[&str], expected: Option<usize>| {
            let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
            assert_eq!(runs(&options).ok(), expected, "{options:?}");
        };
        check(&[], Some(7));
        check(&["--runs", "3"], Some(3));
        check(&["--runs", "0"], None);
        check(&["--runs"], None);
        check(&["--rounds", "3"], None);
    }
}
