//! What it costs to start: each program says its version, and `true` shows what the measuring costs.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::peers::python::Python;

use super::contestant::{Contestant, Standing, in_turns};

/// Measures all of them.
pub(super) fn run(towpath: &Path, python: &Python, folder: &Path, runs: usize) -> Result<Vec<Standing>> {
    let version = |name: &'static str, program: &Path| {
        let program = program.to_owned();
        let command = move |_| {
            let mut command = Command::new(&program);
            command.arg("--version").env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C.UTF-8");
            command
        };
        Contestant { name, command: Box::new(command), exit: 0 }
    };
    let contestants = [
        version("`towpath --version`", towpath),
        version("`aws --version`", &python.program("aws")),
        version("fabfuel's `ecs --version`", &python.program("ecs")),
        version("`true`", Path::new("true")),
    ];
    in_turns(&contestants, folder, runs)
}
