//! s3s-fs, somebody else's server of S3 in Rust, which verifies every signature: found or installed, and started.
//!
//! It is found where `S3S_FS` says or on the path; otherwise cargo builds it once, of the very packages that its authors
//! built it of. Its newer versions need a newer Rust than ours.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::say;

use super::{
    programs::{self, Programs},
    server::Server,
    simulated,
};

const PROGRAM: &str = "s3s-fs";
const VERSION: &str = "0.14.1";

/// The program, where it is on this machine.
pub(crate) fn found() -> Option<PathBuf> {
    std::env::var_os("S3S_FS").map(PathBuf::from).or_else(|| programs::on_path(PROGRAM))
}

/// The program.
pub(super) fn found_or_installed(programs: &Programs) -> Result<PathBuf> {
    if let Some(found) = found() {
        return Ok(found);
    }
    let root = programs.target.join(format!("peers/{PROGRAM}-{VERSION}"));
    let program = root.join("bin").join(PROGRAM);
    if !program.is_file() {
        say(&format!("building {PROGRAM} {VERSION} into {}", root.display()));
        install(&root)?;
    }
    Ok(program)
}

/// Builds it quickly rather than well: its speed is not looked at here.
fn install(root: &Path) -> Result<()> {
    let status = Command::new(programs::cargo_program())
        .args(["install", &format!("{PROGRAM}@{VERSION}"), "--features", "binary", "--locked", "--debug", "--quiet"])
        .arg("--root")
        .arg(root)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .stdin(Stdio::null())
        .status()
        .context("cargo could not be started")?;
    ensure!(status.success(), "cargo could not install it");
    Ok(())
}

/// Starts one that has a bucket for each folder in `folder`, and the keys of that account.
pub(crate) fn start(program: &Path, folder: &Path, account: &str, log: &Path) -> Result<Server> {
    Server::start(log, |address| {
        let keys = simulated::environment(address, account);
        let key = |name: &str| keys.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let mut command = Command::new(program);
        command.args(["--access-key", key("AWS_ACCESS_KEY_ID").unwrap_or_default()]);
        command.args(["--secret-key", key("AWS_SECRET_ACCESS_KEY").unwrap_or_default()]);
        command.args(["--host", &address.ip().to_string(), "--port", &address.port().to_string()]).arg(folder);
        command
    })
}
