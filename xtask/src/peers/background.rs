//! A program that runs for as long as a check needs it, and is stopped whatever happens. What listens is a
//! [`super::server::Server`].

use std::{
    ffi::OsStr,
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};

/// A program that ends with whoever starts it, even where that is killed, as far as the machine can be asked for it.
pub(super) fn mortal(program: impl AsRef<OsStr>) -> Command {
    let can = Command::new("setpriv").args(["--pdeathsig", "KILL", "true"]).stdin(Stdio::null()).output();
    if !can.is_ok_and(|output| output.status.success()) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

/// A running program; it ends with this value.
#[derive(Debug)]
pub(super) struct Background(Child);

impl Background {
    /// Starts it; what it prints goes to the file `log`.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let printed = File::create(log).with_context(|| log.display().to_string())?;
        let started = command.stdin(Stdio::null()).stdout(printed.try_clone()?).stderr(printed).spawn();
        started.map(Self).with_context(|| format!("{command:?} could not be started"))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Both fail only for a process that has ended and been waited for.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
