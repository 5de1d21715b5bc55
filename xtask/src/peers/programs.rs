//! What cargo builds: where it puts things, and our own programs to run.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// All of ours that the peers need, in the very form in which `cargo test --workspace` has made it: with the features of
/// the whole workspace, and of its development dependencies, which cargo counts in as soon as an example is asked for.
/// By its package alone each would have others, and all of the SDK would be compiled once more.
const OURS: [&str; 9] = [
    "--workspace",
    "--bin",
    "towpath",
    "--example",
    "copy_image",
    "--example",
    "peer_moto",
    "--example",
    "peer_storage",
];

/// The workspace's builds.
#[derive(Debug)]
pub(crate) struct Programs {
    /// The folder of the workspace.
    pub(crate) root: PathBuf,
    /// The folder of everything that can be made again.
    pub(crate) target: PathBuf,
}

impl Programs {
    /// Asks cargo where things of the workspace at `root` are built.
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let arguments = ["metadata", "--format-version", "1", "--no-deps"];
        let metadata = cargo(root, &arguments)?;
        let metadata: Value = serde_json::from_slice(&metadata).context("cargo metadata")?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
        Ok(Self { root: root.to_owned(), target: PathBuf::from(target) })
    }

    /// Our program, or one of our examples, as the tests have it.
    pub(crate) fn ours(&self, name: &str) -> Result<PathBuf> {
        self.build(name, &OURS)
    }

    /// Builds what `arguments` of `cargo build` name, and answers the executable called `name`.
    pub(crate) fn build(&self, name: &str, arguments: &[&str]) -> Result<PathBuf> {
        let arguments = [&["build", "--message-format", "json"], arguments].concat();
        let messages = cargo(&self.root, &arguments)?;
        executable(&String::from_utf8_lossy(&messages), name)
            .with_context(|| format!("`cargo {}` made no `{name}`", arguments.join(" ")))
    }
}

/// Where the path has a program of that name.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The executable of the target `name` among cargo's messages.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// The cargo that runs this, or the one on the path.
pub(crate) fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// Runs cargo and answers what it printed.
fn cargo(root: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(cargo_program())
        .args(arguments)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    ensure!(output.status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_that_of_the_named_target() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"build-script-build"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"towpath"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"towpath"},"executable":"/t/debug/towpath"}
not json"#;
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(executable(messages, name), expected.map(PathBuf::from));
        };
        check("towpath", Some("/t/debug/towpath"));
        check("serve", None);
    }
}
