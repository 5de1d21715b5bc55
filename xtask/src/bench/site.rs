//! `cargo xtask bench site`: a first publication beside `s5cmd`, `rclone` and `aws s3 sync`.
//!
//! All write the same directory into one simulated S3 on loopback, in turns, each time below a prefix that has nothing.
//! Ours is the adapter alone (`crates/aws/examples/publish_site.rs`): it compares nothing with an earlier release, so
//! that the cases of a second publication are not here. Requests are counted in a run of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::{
    peers::{
        programs::Programs,
        python::Python,
        simulated::{self, ACCOUNT, Simulated},
    },
    say,
};

use super::{
    contestant::{Contestant, Standing, in_turns},
    report, runs,
};

const BUCKET: &str = "bench";

/// The delay of a request that goes to a real S3, about.
const DELAY: u32 = 25;

/// A directory that is published.
struct Tree {
    name: &'static str,
    files: usize,
    bytes: usize,
}

const SMALL: Tree = Tree { name: "small", files: 2_000, bytes: 4 * 1024 };
const LARGE: Tree = Tree { name: "large", files: 200, bytes: 1024 * 1024 };

/// Extensions that occur in sites.
const EXTENSIONS: [&str; 10] = ["js", "css", "html", "svg", "json", "png", "woff2", "map", "txt", "webp"];

/// What is published, and how long every request takes longer.
const CASES: [(Tree, u32); 3] = [(SMALL, 0), (LARGE, 0), (SMALL, DELAY)];

/// Publishes, and prints and writes the tables.
pub(super) fn run(root: &Path, options: &[String]) -> Result<()> {
    let runs = runs(options)?;
    let programs = Programs::of(root)?;
    let python = Python::installed(root, &programs.target)?;
    let towpath = programs.build("towpath", &["--release", "--package", "towpath"])?;
    let example = ["--release", "--package", "towpath-aws", "--example", "publish_site"];
    let ours = programs.build("publish_site", &example)?;
    let folder = programs.target.join("bench/site");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut page = String::new();
    for (tree, delay) in CASES {
        let stage = Stage { simulated: start(&towpath, &folder, delay)?, tree: tree.write(&folder)? };
        let tools = stage.tools(&ours, &python);
        let standings = in_turns(&stage.contestants(&tools, "timed"), &folder, runs)?;
        let requests = stage.requests(&tools, &folder)?;
        page += &section(&tree, delay, &standings, &requests);
    }
    let file = folder.join("site.md");
    fs::write(&file, &page).with_context(|| file.display().to_string())?;
    say(&page);
    say(&format!("written to {}", file.display()));
    Ok(())
}

fn start(towpath: &Path, folder: &Path, delay: u32) -> Result<Simulated> {
    let scenario = folder.join("world.toml");
    let world = format!(
        "default-account = \"{ACCOUNT}\"\ndefault-region = \"{}\"\n[s3]\nlatency-ms = {delay}\n[[buckets]]\nname = \"{BUCKET}\"\n",
        simulated::REGION
    );
    fs::write(&scenario, world)?;
    Simulated::start(towpath, &scenario, 1, &folder.join("simulator.log"))
}

impl Tree {
    /// Writes it below `folder`: the same bytes each time, and no two files alike.
    fn write(&self, folder: &Path) -> Result<PathBuf> {
        let tree = folder.join(self.name);
        if tree.exists() {
            fs::remove_dir_all(&tree).with_context(|| tree.display().to_string())?;
        }
        for number in 0..self.files {
            let place = tree.join(format!("{:02}", number % 20));
            fs::create_dir_all(&place)?;
            let name = format!("{number:04}.{}", EXTENSIONS[number % EXTENSIONS.len()]);
            let begin = format!("{number} of {}\n", self.name);
            fs::write(place.join(name), begin.bytes().cycle().take(self.bytes).collect::<Vec<u8>>())?;
        }
        Ok(tree)
    }
}

/// A program with its words; `{}` among them is where it writes to.
struct Tool {
    name: &'static str,
    program: PathBuf,
    words: Vec<String>,
}

struct Stage {
    simulated: Simulated,
    tree: PathBuf,
}

impl Stage {
    /// Ours first. A tool that is not installed is told, and left out.
    fn tools(&self, ours: &Path, python: &Python) -> Vec<Tool> {
        let tree = self.tree.display().to_string();
        let tool = |name, program: PathBuf, words: &[&str]| {
            let words = words.iter().map(|&word| if word == "TREE" { tree.clone() } else { word.to_owned() }).collect();
            Tool { name, program, words }
        };
        let (from, aws) = (format!("{tree}/"), python.program("aws"));
        let many =
            ["sync", "-q", "--checksum", "--fast-list", "--transfers", "64", "--checkers", "64", "TREE", "s:bench/{}"];
        let tools = vec![
            tool("Towpath's adapter", ours.to_owned(), &[BUCKET, "{}", "TREE"]),
            tool(
                "`s5cmd sync`",
                python.program("s5cmd"),
                &["--log", "error", "sync", "--delete", &from, "s3://bench/{}/"],
            ),
            tool("`rclone sync`", "rclone".into(), &["sync", "-q", "TREE", "s:bench/{}"]),
            tool("`rclone sync --checksum`, 64 transfers", "rclone".into(), &many),
            tool("`aws s3 sync`", aws, &["s3", "sync", "--only-show-errors", "--delete", "TREE", "s3://bench/{}/"]),
        ];
        let (there, missing): (Vec<Tool>, Vec<Tool>) = tools.into_iter().partition(|tool| is_there(&tool.program));
        for tool in missing {
            say(&format!("{} is not on this machine and left out", tool.name));
        }
        there
    }

    fn contestants<'a>(&'a self, tools: &'a [Tool], what: &'a str) -> Vec<Contestant<'a>> {
        let contestant = |(place, tool): (usize, &'a Tool)| {
            let command = move |turn: usize| self.command(tool, &format!("{what}-{place}-{turn}"));
            Contestant { name: tool.name, command: Box::new(command) }
        };
        tools.iter().enumerate().map(contestant).collect()
    }

    fn command(&self, tool: &Tool, prefix: &str) -> Command {
        let address = self.simulated.address();
        let mut command = Command::new(&tool.program);
        command
            .args(tool.words.iter().map(|word| word.replace("{}", prefix)))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.tree.parent().unwrap_or(&self.tree))
            .env("S3_ENDPOINT_URL", format!("http://{address}"));
        for (name, value) in simulated::environment(address, ACCOUNT) {
            match name {
                "AWS_ACCESS_KEY_ID" => command.env("RCLONE_CONFIG_S_ACCESS_KEY_ID", &value),
                "AWS_SECRET_ACCESS_KEY" => command.env("RCLONE_CONFIG_S_SECRET_ACCESS_KEY", &value),
                "AWS_REGION" => command.env("RCLONE_CONFIG_S_REGION", &value),
                "AWS_ENDPOINT_URL" => command.env("RCLONE_CONFIG_S_ENDPOINT", &value),
                _ => &mut command,
            };
            command.env(name, value);
        }
        command.env("RCLONE_CONFIG_S_TYPE", "s3").env("RCLONE_CONFIG_S_PROVIDER", "Other");
        command
    }

    /// How many requests each makes.
    fn requests(&self, tools: &[Tool], folder: &Path) -> Result<Vec<usize>> {
        let mut requests = Vec::new();
        for contestant in self.contestants(tools, "counted") {
            self.simulated.control("DELETE", "calls", "").map(drop)?;
            let _cost = super::measure::run(&(contestant.command)(0), folder).context(contestant.name)?;
            let calls = self.simulated.control("GET", "calls", "")?;
            requests.push(calls["calls"].as_array().map_or(0, Vec::len));
            ensure!(calls["calls"] != Value::Null, "the simulator has no log of calls");
        }
        Ok(requests)
    }
}

fn is_there(program: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    program.is_file() || std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn section(tree: &Tree, delay: u32, standings: &[Standing], requests: &[usize]) -> String {
    let Tree { files, bytes, .. } = tree;
    let counts =
        standings.iter().zip(requests).map(|(standing, count)| format!("- {}: {count} requests", standing.name));
    let counts: Vec<String> = counts.collect();
    let fastest = standings.iter().skip(1).map(|standing| standing.summary.median.wall).min();
    let ours = standings.first().map(|standing| standing.summary.median.wall);
    let share = ours.zip(fastest).map_or_else(String::new, |(ours, fastest)| {
        format!("Ours takes {:.2} of the time of the fastest other.\n\n", ours.as_secs_f64() / fastest.as_secs_f64())
    });
    let table = report::table(standings);
    format!(
        "### {files} files of {} KiB, {delay} ms more a request\n\n{table}\n\n{share}{}\n\n",
        bytes / 1024,
        counts.join("\n")
    )
}
