//! Our adapters against moto: the calls that `crates/aws/examples/peer_moto.rs` makes.
//!
//! That example knows moto's differences; this starts the server and counts what the example says.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::{programs::Programs, python::Python, server::Server, simulated, tally::Tally};

const PEER: &str = "moto";

/// Makes all checks against a moto of their own.
pub(super) fn check(tally: &mut Tally, programs: &Programs, python: &Python) {
    if let Err(error) = run(tally, programs, python) {
        tally.note_result(PEER, "the checks run to their end", Err(error));
    }
}

fn run(tally: &mut Tally, programs: &Programs, python: &Python) -> Result<()> {
    let example = programs.ours("peer_moto")?;
    let server = start(programs, python, "moto")?;
    let output = Command::new(example)
        .env_clear()
        .envs(simulated::environment(server.address(), "123456789012"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("the example could not be started")?;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        note(tally, line);
    }
    ensure!(output.status.success(), "the example ended with {}", output.status);
    Ok(())
}

/// Starts a moto, whose output goes to the log `name`.
pub(super) fn start(programs: &Programs, python: &Python, name: &str) -> Result<Server> {
    let log = programs.target.join(format!("peers/{name}.log"));
    Server::start(&log, |address| {
        let mut command = Command::new(python.program("moto_server"));
        let (host, port) = (address.ip().to_string(), address.port().to_string());
        command.args(["--host", &host, "--port", &port]);
        command
    })
}

/// Notes a line of the example; its last one, which counts, is of no check.
fn note(tally: &mut Tally, line: &str) {
    match line.split_once(' ') {
        Some(("ok", name)) => tally.note(PEER, name, None),
        Some(("known", name)) => tally.note(PEER, &format!("{name} (known to differ)"), None),
        Some(("DIFFERENT", name)) => tally.note(PEER, name, Some("differs")),
        _ => {}
    }
}
