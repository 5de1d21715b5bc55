//! Publishing to other people's servers of S3: moto, and s3s-fs, which verifies signatures.
//!
//! The adapter of sites' buckets makes the calls of `crates/aws/examples/peer_storage.rs`, which knows how the two differ
//! from AWS; then the binary itself deploys.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use super::{deployed, moto, programs::Programs, python::Python, s3s, simulated, tally::Tally};

const ACCOUNT: &str = "123456789012";
const BUCKETS: [&str; 3] = ["peer-site", "peer-copies", deployed::BUCKET];
const MOTO: &str = "moto (sites)";
const S3S: &str = "s3s-fs";

/// Makes all checks, each server by itself.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = with_moto(tally, programs, python) {
        tally.note_result(MOTO, "the checks run to their end", Err(error));
    }
    let program = match s3s::found_or_installed(programs) {
        Ok(program) => program,
        Err(error) => return tally.note_missing(S3S, "the checks", &format!("{error:#}")),
    };
    if let Err(error) = with_s3s(tally, (programs, python), &program) {
        tally.note_result(S3S, "the checks run to their end", Err(error));
    }
}

fn with_moto(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let example = programs.ours("peer_storage")?;
    let server = moto::start(programs, python, "moto-of-buckets")?;
    for bucket in BUCKETS {
        let status = Command::new(python.program("aws"))
            .args(["s3", "mb", &format!("s3://{bucket}")])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(simulated::environment(server.address(), ACCOUNT))
            .stdout(Stdio::null())
            .status()
            .context("the aws command line could not be started")?;
        ensure!(status.success(), "the bucket {bucket} could not be made");
    }
    note_all(tally, MOTO, &example, "moto", server.address())?;
    deployed::check(tally, MOTO, (programs, python), (server.address(), ACCOUNT))
}

fn with_s3s(tally: &mut Tally, (programs, python): (&Programs, &Python), program: &Path) -> Result<()> {
    let example = programs.ours("peer_storage")?;
    let folder = programs.target.join("peers/s3s-fs");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    for bucket in BUCKETS {
        fs::create_dir_all(folder.join(bucket)).with_context(|| folder.display().to_string())?;
    }
    let server = s3s::start(program, &folder, ACCOUNT, &programs.target.join("peers/s3s-fs.log"))?;
    note_all(tally, S3S, &example, S3S, server.address())?;
    deployed::check(tally, S3S, (programs, python), (server.address(), ACCOUNT))
}

/// Runs the example against that server, and counts what it says.
fn note_all(tally: &mut Tally, peer: &str, example: &Path, server: &str, address: SocketAddr) -> Result<()> {
    let output = Command::new(example)
        .arg(server)
        .env_clear()
        .envs(simulated::environment(address, ACCOUNT))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("the example could not be started")?;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match line.split_once(' ') {
            Some(("ok", name)) => tally.note(peer, name, None),
            Some(("known", name)) => tally.note(peer, &format!("{name} (known to differ)"), None),
            Some(("DIFFERENT", name)) => tally.note(peer, name, Some("differs")),
            _ => {}
        }
    }
    ensure!(output.status.success(), "the example ended with {}", output.status);
    Ok(())
}
