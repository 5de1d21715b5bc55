//! How long it may all take: every program that is run to its end is ended when the time is up.
//!
//! coreutils' `timeout` does it, which is wherever containers are.

use std::{
    ffi::OsStr,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

/// What `timeout` ends with when it had to end the program.
const TIMED_OUT: i32 = 124;

/// An instant by which everything has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit(Instant);

impl Limit {
    /// So long from now.
    pub(super) fn of(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// A program that is ended when the time is up.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let left = self.0.saturating_duration_since(Instant::now()).as_secs_f64().max(0.1);
        let mut command = Command::new("timeout");
        // In the foreground the program stays in our group, and gets what a terminal sends to it.
        command.args(["--foreground", "--kill-after=5"]).arg(left.to_string()).arg(program);
        command
    }
}

/// What `timeout` is given before the program.
const OWN: usize = 3;

/// Runs what [`Limit::command`] made to its end, whatever that is.
pub(super) fn ended(command: &mut Command) -> Result<Output> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{shown} could not be started"))?;
    ensure!(output.status.code() != Some(TIMED_OUT), "the time is up: {shown}");
    Ok(output)
}

/// The same, and answers what it printed, which it must have done in peace.
pub(super) fn printed(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = ended(command)?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = complaint.trim().lines().rev().take(3).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    ensure!(output.status.success(), "{shown} ended with {}: {}", output.status, last.join(" | "));
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program and its arguments, and nothing of its environment.
fn shown(command: &Command) -> String {
    let words: Vec<_> = command.get_args().skip(OWN).map(OsStr::to_string_lossy).collect();
    format!("`{}`", words.join(" "))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_takes_longer_than_it_may_is_ended_and_told() {
        let error = ended(Limit::of(Duration::from_millis(100)).command("sleep").arg("60")).unwrap_err();
        assert_eq!(error.to_string(), "the time is up: `sleep 60`");
    }

    #[test]
    fn what_ends_in_time_is_told_as_it_is() {
        let limit = Limit::of(Duration::from_mins(1));
        assert_eq!(printed(limit.command("echo").arg("well")).unwrap(), "well");
        let error = printed(limit.command("sh").args(["-c", "echo no >&2; exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c echo no >&2; exit 3` ended with exit status: 3: no");
    }
}
