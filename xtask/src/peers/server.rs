//! Servers on loopback for as long as a check needs them: whatever happens, they are stopped.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);

/// A child process that listens on a port of its own; it ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts the server that `command` makes for an address, and waits until it takes connections.
    ///
    /// What it prints goes to the file `log`.
    pub(crate) fn start(log: &Path, command: impl FnOnce(SocketAddr) -> Command) -> Result<Self> {
        let address = free_address()?;
        let printed = File::create(log).with_context(|| log.display().to_string())?;
        let mut command = command(address);
        let child = command
            .stdin(Stdio::null())
            .stdout(printed.try_clone()?)
            .stderr(printed)
            .spawn()
            .with_context(|| format!("{command:?} could not be started"))?;
        let mut server = Self { address, child };
        server.await_connections().with_context(|| format!("{command:?}, whose output is in {}", log.display()))?;
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn await_connections(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect_timeout(&self.address, PATIENCE).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("the server does not listen after {PATIENCE:?}");
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended and been waited for.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An address on loopback where nobody listens.
pub(super) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_at_once_is_an_error_that_names_its_output() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("server.log");
        let error = Server::start(&log, |_| Command::new("false")).unwrap_err();
        let message = format!("{error:#}");
        assert!(message.contains("server.log") && message.contains("ended with"), "{message}");
    }
}
