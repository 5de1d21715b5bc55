//! Measuring a process tree: a process of its own runs it, waits, and asks the system what its children used.
//!
//! The system keeps the figures of children for a process as a whole, so each run gets a process that has no others.
//! A program's memory is never told below this process's own, a few megabytes, because it begins as a copy of it.

use std::{
    ffi::OsStr,
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeVal,
};

use super::cost::Cost;

/// The word after `bench` that makes this program the measuring process.
pub(super) const OPTION: &str = "--measure";

/// Runs `command` once and measures it. What it prints goes to a file in `folder`; it has to end with `exit`.
pub(super) fn run(command: &Command, folder: &Path, exit: i32) -> Result<Cost> {
    let (measured, printed) = (folder.join("measured.json"), folder.join("printed.txt"));
    let output = File::create(&printed).with_context(|| printed.display().to_string())?;
    let mut measuring = Command::new(std::env::current_exe()?);
    measuring
        .args(["bench", OPTION])
        .arg(&measured)
        .arg(exit.to_string())
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(command.get_envs().filter_map(both))
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    if let Some(current) = command.get_current_dir() {
        measuring.current_dir(current);
    }
    let status = measuring.status().context("the measuring process")?;
    ensure!(status.success(), "{command:?} failed, see {}", printed.display());
    let measured = fs::read(&measured).with_context(|| measured.display().to_string())?;
    Cost::from_json(&serde_json::from_slice(&measured)?)
}

fn both<'a>((name, value): (&'a OsStr, Option<&'a OsStr>)) -> Option<(&'a OsStr, &'a OsStr)> {
    value.map(|value| (name, value))
}

/// The measuring process: runs the command in `words` and writes its cost to the file that is named first; the code that it must end with comes next.
pub(super) fn child(words: &[String]) -> Result<()> {
    let [file, exit, program, arguments @ ..] = words else {
        anyhow::bail!("there is nothing to measure");
    };
    let begun = Instant::now();
    let status = Command::new(program).args(arguments).status().with_context(|| program.clone())?;
    let wall = begun.elapsed();
    ensure!(status.code() == exit.parse().ok(), "{program} ended with {status}, and not with {exit}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cost =
        Cost { wall, cpu: duration(usage.user_time()) + duration(usage.system_time()), memory: bytes(usage.max_rss()) };
    fs::write(file, cost.to_json().to_string()).with_context(|| file.clone())
}

fn duration(time: TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let micros = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}

/// The system's count, which is in kilobytes but on macOS.
fn bytes(resident: nix::libc::c_long) -> u64 {
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    u64::try_from(resident).unwrap_or_default() * unit
}
