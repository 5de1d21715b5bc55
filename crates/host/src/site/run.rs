//! Running the command that makes a site's files. What it says goes to standard error; standard output is for results.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

/// Why a site's files were not made.
#[derive(Debug, thiserror::Error)]
pub enum SiteBuildError {
    /// There is no command, which only a caller can bring about.
    #[error("no command is configured")]
    NoCommand,
    /// It could not be started.
    #[error("cannot run `{program}`")]
    NotStarted {
        /// The command's first word.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It said itself that it failed, or was ended.
    #[error("`{command}` failed: {status}")]
    Failed {
        /// The command's words.
        command: String,
        /// How it ended, in the system's words.
        status: String,
    },
}

/// Runs a site's build command in a folder, to its end. It is ended where the caller stops waiting.
///
/// # Errors
///
/// Where it could not be started, or did not say that it succeeded.
pub async fn run_site_build(folder: &Path, command: &[String]) -> Result<(), SiteBuildError> {
    let (program, arguments) = command.split_first().ok_or(SiteBuildError::NoCommand)?;
    let mut build = Command::new(program);
    build.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    build.stdout(Stdio::from(std::io::stderr()));
    let not_started = |source| SiteBuildError::NotStarted { program: program.clone(), source };
    let status = build.spawn().map_err(not_started)?.wait().await.map_err(not_started)?;
    if status.success() {
        return Ok(());
    }
    Err(SiteBuildError::Failed { command: command.join(" "), status: status.to_string() })
}
