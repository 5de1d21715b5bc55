//! The example's service as a builder gets it: compiled, in a repository with a commit, and nothing else of the machine.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context as _, Result, ensure};

use crate::peers::programs::Programs;

const FILES: [&str; 4] = ["Dockerfile", ".dockerignore", ".gitignore", "towpath.toml"];

/// Compiles the service for these architectures; the error is why it cannot be had here.
pub(in crate::peers) fn compile(programs: &Programs, architectures: &[&str]) -> Result<()> {
    let targets = Command::new("rustup").args(["target", "list", "--installed"]).output();
    let targets = targets.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    for architecture in architectures {
        let target = if *architecture == "arm64" { "aarch64-unknown-linux-musl" } else { "x86_64-unknown-linux-musl" };
        ensure!(targets.lines().any(|line| line == target), "the Rust target {target} is not installed");
    }
    let script = programs.root.join("examples/app/compile.sh");
    succeeded("compile.sh", Command::new(script).args(architectures).output()).map(drop)
}

/// Gives a builder storage of its own in a folder.
pub(in crate::peers) fn give_storage(folder: &Path) -> Result<()> {
    let [root, run] = ["storage", "run"].map(|name| folder.join(name).display().to_string());
    let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{root}\"\nrunroot = \"{run}\"\n");
    fs::write(folder.join("storage.conf"), storage).with_context(|| folder.display().to_string())
}

/// Brings the service into a folder and commits it, with `towpath.toml` as `edited`, built by `tool`.
pub(in crate::peers) fn bring(
    programs: &Programs,
    app: &Path,
    architectures: &[&str],
    tool: &str,
    edited: impl Fn(&str) -> String,
) -> Result<()> {
    let from = programs.root.join("examples/app");
    for name in FILES {
        let text = fs::read_to_string(from.join(name))?;
        let chosen = format!("[build]\ntool = \"{tool}\"\n\n[release]");
        let text = if name == "towpath.toml" { edited(&text).replace("[release]", &chosen) } else { text };
        fs::write(app.join(name), text)?;
    }
    for architecture in architectures {
        fs::create_dir_all(app.join("dist").join(architecture))?;
        let program = format!("dist/{architecture}/app");
        fs::copy(from.join(&program), app.join(&program))?;
    }
    git(app, &["init", "--quiet", "--initial-branch=main"])?;
    git(app, &["add", "."])?;
    commit(app, "first")
}

/// Another commit, with whatever is in the index.
pub(in crate::peers) fn commit(app: &Path, message: &str) -> Result<()> {
    git(app, &["commit", "--quiet", "--allow-empty", "--message", message]).map(drop)
}

/// Runs git, and answers what it printed.
pub(in crate::peers) fn git(app: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=peer", "-c", "user.email=peer@example.com"]).args(arguments).current_dir(app);
    Ok(String::from_utf8_lossy(&succeeded("git", git.output())?).trim().to_owned())
}

/// The environment of a builder that has a folder of its own, and needs no privilege that a container lacks.
pub(in crate::peers) fn own(folder: &Path) -> Vec<(&'static str, String)> {
    let path = std::env::var("PATH").unwrap_or_default();
    let storage = folder.join("storage.conf").display().to_string();
    let home = folder.display().to_string();
    vec![
        ("PATH", path),
        ("HOME", home),
        ("BUILDAH_ISOLATION", "chroot".to_owned()),
        ("STORAGE_DRIVER", "vfs".to_owned()),
        ("CONTAINERS_STORAGE_CONF", storage),
    ]
}

/// Whether a program is installed.
pub(in crate::peers) fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What it printed, where it succeeded.
pub(in crate::peers) fn succeeded(program: &str, output: std::io::Result<Output>) -> Result<Vec<u8>> {
    let output = output.with_context(|| format!("{program} could not be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = complaint.lines().rev().take(8).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    ensure!(output.status.success(), "{program} ended with {}: {}", output.status, last.join(" | "));
    Ok(output.stdout)
}
