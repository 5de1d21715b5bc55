//! The peers that are Python programs, in virtual environments of their own.
//!
//! One is made once and used again for as long as its list of packages stays the same.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::say;

/// Where the peers' own files are, below the workspace.
const SOURCES: &str = "xtask/src/peers/python";

/// A virtual environment with the peers.
#[derive(Debug)]
pub(crate) struct Python {
    binaries: PathBuf,
    sources: PathBuf,
}

impl Python {
    /// The environment of most peers.
    pub(crate) fn installed(root: &Path, target: &Path) -> Result<Self> {
        Self::made_of("requirements.txt", root, &target.join("peers/python"))
    }

    /// The environment of ministack, which cannot live with the others.
    pub(super) fn with_ministack(root: &Path, target: &Path) -> Result<Self> {
        Self::made_of("requirements-ministack.txt", root, &target.join("peers/python-ministack"))
    }

    /// The environment in `folder`, made if it is not there or not of the packages that are in `list` now.
    fn made_of(list: &str, root: &Path, folder: &Path) -> Result<Self> {
        let sources = root.join(SOURCES);
        let packages = fs::read_to_string(sources.join(list)).with_context(|| format!("the peers' {list}"))?;
        let done = folder.join("installed.txt");
        if fs::read_to_string(&done).is_ok_and(|installed| installed == packages) {
            return Ok(Self::at(folder, sources));
        }
        say(&format!("installing the peers into {}", folder.display()));
        if folder.exists() {
            fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        run(Command::new(python).args(["-m", "venv"]).arg(folder))?;
        let installed = Self::at(folder, sources);
        run(Command::new(installed.program("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(installed.source(list)))?;
        fs::write(&done, packages).with_context(|| done.display().to_string())?;
        Ok(installed)
    }

    fn at(folder: &Path, sources: PathBuf) -> Self {
        Self { binaries: folder.join("bin"), sources }
    }

    /// The installed program `name`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// The folder of the installed programs.
    pub(crate) fn binaries(&self) -> &Path {
        &self.binaries
    }

    /// The text of a BASE64 text, so that nothing is needed for it here.
    pub(super) fn decoded(&self, text: &str) -> Result<String> {
        let words = ["-c", "import base64, sys; sys.stdout.write(base64.b64decode(sys.argv[1]).decode())", text];
        let output =
            Command::new(self.program("python")).args(words).output().context("python could not be started")?;
        ensure!(output.status.success(), "the text is no BASE64");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A file of our own beside the list of packages.
    pub(crate) fn source(&self, name: &str) -> PathBuf {
        self.sources.join(name)
    }
}

fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("{shown} could not be started"))?;
    ensure!(status.success(), "{shown} failed");
    Ok(())
}
