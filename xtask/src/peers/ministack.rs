//! ministack as a server of its own, with real containers or without any.

use std::path::Path;

use anyhow::Result;

use super::{
    background::mortal,
    programs::Programs,
    python::Python,
    server::Server,
    simulated::{ACCOUNT, REGION},
};

/// Starts a ministack whose containers are those of the Docker socket at `socket`, and whose output goes to the log
/// `name`.
///
/// By itself it would listen on every interface; here it listens on loopback.
pub(super) fn start(programs: &Programs, python: &Python, socket: Option<&Path>, name: &str) -> Result<Server> {
    let folder = programs.target.join("peers");
    let nowhere = folder.join("no-such-socket");
    let socket = format!("unix://{}", socket.unwrap_or(&nowhere).display());
    Server::start(&folder.join(format!("{name}.log")), |address| {
        let mut command = mortal(python.program("ministack"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("BIND_HOST", address.ip().to_string())
            .env("GATEWAY_PORT", address.port().to_string())
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            .env("DOCKER_HOST", socket);
        command
    })
}
