//! Our simulator as a server of its own, with the control that a check has over it.

use std::{net::SocketAddr, path::Path, process::Command};

use anyhow::Result;
use serde_json::{Value, json};

use super::{http, programs::Programs, server::Server};

/// The account whose keys the clients have.
pub(crate) const ACCOUNT: &str = "111111111111";

/// The region of every call.
pub(crate) const REGION: &str = "us-west-2";

/// A running simulator; it ends with this value.
#[derive(Debug)]
pub(crate) struct Simulated {
    server: Server,
}

impl Simulated {
    /// Starts `towpath sim` with the scenario at `scenario`, where `speed` simulated seconds pass in a real one; what
    /// it prints goes to `log`.
    pub(crate) fn start(towpath: &Path, scenario: &Path, speed: u32, log: &Path) -> Result<Self> {
        let server = Server::start(log, |address| {
            let mut command = Command::new(towpath);
            command.args(["sim", "--listen", &address.to_string()]);
            command.args(["--speed", &speed.to_string()]);
            command.arg("--scenario").arg(scenario);
            command
        })?;
        Ok(Self { server })
    }

    /// Builds and starts the simulator for the checks of one peer, with the world that they expect.
    pub(super) fn for_peer(programs: &Programs, peer: &str) -> Result<Self> {
        let towpath = programs.ours("towpath")?;
        let scenario = programs.root.join("xtask/src/peers/world.toml");
        let log = programs.target.join(format!("peers/simulator-of-{peer}.log"));
        Self::start(&towpath, &scenario, 1, &log)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Lets simulated time pass at once.
    pub(crate) fn advance(&self, seconds: u32) -> Result<()> {
        let body = json!({"seconds": seconds}).to_string();
        self.control("POST", "advance", &body).map(drop)
    }

    /// Asks the control interface.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Result<Value> {
        http::send(self.address(), method, &format!("/_sim/{path}"), body)
    }
}

/// The environment of a client that talks to AWS at `address` as `account`, and knows of nothing else on the machine.
pub(crate) fn environment(address: SocketAddr, account: &str) -> Vec<(&'static str, String)> {
    let fixed = [
        ("AWS_SECRET_ACCESS_KEY", "simulated"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_PAGER", ""),
        ("LC_ALL", "C.UTF-8"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ];
    let mut environment: Vec<(&str, String)> = fixed.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    environment.push(("AWS_ENDPOINT_URL", format!("http://{address}")));
    environment.push(("AWS_ACCESS_KEY_ID", format!("AKIASIM0{account}")));
    environment
}
