//! Running git so that only the repository decides the answer: not the caller's environment, hooks or pager.
//!
//! Nothing here reaches the network: a partial clone's missing objects are an error, not a download.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
    process::Stdio,
};

use tokio::process::Command;
use towpath_core::ports::SourceError;

/// What git reads its configuration from. A person's own setting of `safe.directory` must keep working.
const KEPT: &str = "GIT_CONFIG";

/// What git answered.
#[derive(Debug)]
pub(super) struct Output {
    /// The exit status; -1 where a signal ended it.
    pub(super) status: i32,
    /// What it printed.
    pub(super) bytes: Vec<u8>,
    /// What it complained about.
    pub(super) complaint: String,
}

impl Output {
    /// What it printed as one line.
    pub(super) fn line(&self) -> String {
        String::from_utf8_lossy(&self.bytes).trim_end().to_owned()
    }
}

/// Runs git in that folder.
///
/// Errors: `NoRepository` where there is no repository or no git; anything else that git complains about is in the
/// output, for who asked to judge.
pub(super) async fn git(folder: &Path, arguments: &[&str]) -> Result<Output, SourceError> {
    let no_repository = |why: &str| SourceError::NoRepository(format!("{}{why}", folder.display()));
    let done = command(folder, arguments).output().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => no_repository(" (the program git is not installed)"),
        _ => SourceError::Git { action: action(arguments), reason: error.to_string() },
    })?;
    let complaint = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    if complaint.contains("not a git repository") || complaint.contains("cannot change to") {
        return Err(no_repository(""));
    }
    Ok(Output { status: done.status.code().unwrap_or(-1), bytes: done.stdout, complaint })
}

/// The error for an answer that nobody expected.
pub(super) fn unexpected(arguments: &[&str], output: &Output) -> SourceError {
    let reason = match output.complaint.as_str() {
        "" => format!("it ended with status {}", output.status),
        complaint => complaint.to_owned(),
    };
    SourceError::Git { action: action(arguments), reason }
}

fn action(arguments: &[&str]) -> String {
    arguments.first().copied().unwrap_or_default().to_owned()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    for variable in surprises(std::env::vars_os().map(|(name, _)| name)) {
        command.env_remove(variable);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .args(["--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C"])
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// The variables that would make git look at another repository, or answer otherwise.
fn surprises(names: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let bytes = |name: &OsStr| name.as_encoded_bytes().to_ascii_uppercase();
    names.filter(move |name| bytes(name).starts_with(b"GIT_") && !bytes(name).starts_with(KEPT.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_gits_answer_is_taken_from_its_environment() {
        let names = ["PATH", "HOME", "GIT_DIR", "GIT_INDEX_FILE", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_TRACE"];
        let removed: Vec<OsString> = surprises(names.into_iter().map(OsString::from)).collect();
        assert_eq!(removed, ["GIT_DIR", "GIT_INDEX_FILE", "GIT_TRACE"]);
    }
}
