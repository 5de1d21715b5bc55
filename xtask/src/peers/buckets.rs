//! The adapter of sites' buckets against other people's servers of S3: moto, and s3s-fs, which verifies signatures.
//!
//! The calls are those of `crates/aws/examples/peer_storage.rs`, which knows how the two differ from AWS. s3s-fs is not
//! installed here: it is found on the path, or where `S3S_FS` says; it comes with
//! `cargo install s3s-fs@0.14.1 --features binary`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use super::{moto, programs::Programs, python::Python, server::Server, simulated, tally::Tally};

const ACCOUNT: &str = "123456789012";
const BUCKETS: [&str; 2] = ["peer-site", "peer-copies"];
const MOTO: &str = "moto (buckets)";
const S3S: &str = "s3s-fs";

/// Makes all checks, each server by itself.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = with_moto(tally, programs, python) {
        tally.note_result(MOTO, "the checks run to their end", Err(error));
    }
    let Some(program) = s3s() else {
        tally.note_missing(S3S, "the checks", "there is no s3s-fs on the path, nor does S3S_FS name one");
        return;
    };
    if let Err(error) = with_s3s(tally, programs, &program) {
        tally.note_result(S3S, "the checks run to their end", Err(error));
    }
}

fn with_moto(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let example = example(programs)?;
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
    note_all(tally, MOTO, &example, "moto", server.address())
}

fn with_s3s(tally: &mut Tally, programs: &Programs, program: &Path) -> Result<()> {
    let example = example(programs)?;
    let folder = programs.target.join("peers/s3s-fs");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    for bucket in BUCKETS {
        fs::create_dir_all(folder.join(bucket)).with_context(|| folder.display().to_string())?;
    }
    let server = start_s3s(program, &folder, ACCOUNT, &programs.target.join("peers/s3s-fs.log"))?;
    note_all(tally, S3S, &example, S3S, server.address())
}

/// Starts an s3s-fs that has a bucket for each folder in `folder`, and the keys of that account's environment.
pub(crate) fn start_s3s(program: &Path, folder: &Path, account: &str, log: &Path) -> Result<Server> {
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

fn example(programs: &Programs) -> Result<PathBuf> {
    programs.build("peer_storage", &["--package", "towpath-aws", "--example", "peer_storage"])
}

/// Where s3s-fs is, if it is on this machine.
pub(crate) fn s3s() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("S3S_FS") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("s3s-fs")).find(|program| program.is_file())
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
