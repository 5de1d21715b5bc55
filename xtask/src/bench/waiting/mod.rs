//! `cargo xtask bench waiting`: how long after a rollout's end each tool ends, and how often it asks meanwhile.
//!
//! Rollouts take their time, so this takes minutes of real time and is no part of `cargo xtask bench`. All rollouts of
//! all tools go on at once against one simulator, each on a service of its own, and each tool has an account of its
//! own, by which its calls are told apart. The tools may differ in what they do beside waiting.

mod course;
mod report;
mod tools;
mod world;

use std::{fs, path::Path, thread, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    peers::{programs::Programs, python::Python, simulated::Simulated},
    say,
};

use course::{Course, Standing};
use tools::{Place, Tool};

/// How far apart the processes are started: the start of many at once would be measured otherwise.
const STAGGER: Duration = Duration::from_secs(1);

/// Runs all rollouts and prints the table.
pub(super) fn run(root: &Path) -> Result<()> {
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let (towpath, profile) = towpath(&programs)?;
    let folder = programs.target.join("bench/waiting");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder)?;
    let node = tools::javascript(&programs.target);
    let tools: Vec<Tool> = Tool::ALL.into_iter().filter(|tool| *tool != Tool::Action || node.is_some()).collect();
    let scenario = folder.join("world.toml");
    fs::write(&scenario, world::scenario(&tools))?;
    let simulated = Simulated::start(&towpath, &scenario, 1, &folder.join("simulator.log"))?;
    let place = Place { root, towpath: &towpath, python: &python, node, folder: &folder, simulated: &simulated };
    if tools.contains(&Tool::Towpath) {
        place.configure()?;
    }
    simulated.control("DELETE", "calls", "")?;
    let courses = follow(&place, &tools)?;
    let page = report::page(&standings(&simulated, &tools, &courses)?, profile);
    let file = folder.join("waiting.md");
    fs::write(&file, &page).with_context(|| file.display().to_string())?;
    say(&page);
    say(&format!("written to {}", file.display()));
    Ok(())
}

/// The release binary where there is one already: what is measured is waiting, which no optimiser shortens.
fn towpath(programs: &Programs) -> Result<(std::path::PathBuf, &'static str)> {
    if programs.target.join("release/towpath").is_file() {
        return Ok((programs.build("towpath", &["--release", "--package", "towpath"])?, "release"));
    }
    Ok((programs.ours("towpath")?, "debug"))
}

/// Starts every tool on each of its services, and follows all of them to their ends.
fn follow(place: &Place<'_>, tools: &[Tool]) -> Result<Vec<(Tool, Course)>> {
    thread::scope(|scope| {
        let mut running = Vec::new();
        for number in 1..=world::ROLLOUTS {
            for tool in tools {
                running.push((*tool, scope.spawn(move || course::follow(place, *tool, number))));
                thread::sleep(STAGGER);
            }
        }
        let ended = running.into_iter().map(|(tool, running)| {
            let course = running.join().map_err(|_| anyhow::anyhow!("a thread panicked"))??;
            Ok((tool, course))
        });
        ended.collect()
    })
}

/// How each tool did, by when the simulator says that the rollouts ended.
fn standings(simulated: &Simulated, tools: &[Tool], courses: &[(Tool, Course)]) -> Result<Vec<Standing>> {
    let state = simulated.control("GET", "state", "")?;
    let log = simulated.control("GET", "calls", "")?;
    let calls: &[Value] = log["calls"].as_array().context("the simulator has no log of calls")?;
    let of = |tool: &Tool| {
        let courses: Vec<Course> =
            courses.iter().filter(|(whose, _)| whose == tool).map(|(_, course)| course.clone()).collect();
        Standing::of(*tool, &courses, &state, calls)
    };
    let standings: Vec<Standing> = tools.iter().map(of).collect();
    ensure!(!standings.is_empty(), "nobody was measured");
    Ok(standings)
}
