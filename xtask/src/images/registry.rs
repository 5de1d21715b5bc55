//! A simulated AWS with empty repositories in two accounts, and the two clients that are pointed at it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use towpath_core::identifier::Digest;

use crate::peers::simulated::{self, REGION, Simulated};

/// The account that images are built in.
pub(crate) const FROM: &str = "111111111111";
/// The account that they are brought to.
pub(crate) const TO: &str = "333333333333";

/// The simulator, and the programs.
#[derive(Debug)]
pub(crate) struct Registry {
    simulated: Simulated,
    ours: PathBuf,
    login: PathBuf,
}

impl Registry {
    /// Starts it in `folder`, with the repositories `names` in both accounts. `ours` is the example `copy_image`.
    pub(crate) fn start(towpath: &Path, ours: &Path, folder: &Path, names: &[String]) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let scenario = folder.join("registries.toml");
        fs::write(&scenario, world(names))?;
        let simulated = Simulated::start(towpath, &scenario, 1, &folder.join("registries.log"))?;
        let login = folder.join("login.json");
        let registry = Self { simulated, ours: ours.to_owned(), login };
        let host = registry.simulated.address().to_string();
        let file = registry.login.display().to_string();
        succeed(registry.ours(TO, &["login", &host, &file]))?;
        Ok(registry)
    }

    /// Our client, as that account.
    pub(crate) fn ours(&self, account: &str, words: &[&str]) -> Command {
        let mut command = Command::new(&self.ours);
        command.args(words).env_clear().envs(simulated::environment(self.simulated.address(), account));
        command
    }

    /// skopeo, as the account that images are brought to.
    pub(crate) fn skopeo(&self, words: &[&str]) -> Command {
        let mut command = Command::new("skopeo");
        command.arg("--insecure-policy").args(words).env_clear().env("REGISTRY_AUTH_FILE", &self.login);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", "/nonexistent");
        command.env("TMPDIR", self.login.parent().unwrap_or(Path::new("/tmp")));
        command
    }

    /// What skopeo calls a repository.
    pub(crate) fn place(&self, account: &str, name: &str) -> String {
        format!("docker://{}/{account}/{REGION}/{name}", self.simulated.address())
    }

    /// The digest of the bytes that skopeo finds under that one.
    pub(crate) fn inspected(&self, account: &str, name: &str, digest: &Digest) -> Result<Digest> {
        let image = format!("{}@{digest}", self.place(account, name));
        let output = self.skopeo(&["inspect", "--raw", "--tls-verify=false", &image]).output()?;
        ensure!(output.status.success(), "skopeo: {}", String::from_utf8_lossy(&output.stderr));
        Ok(Digest::of(&output.stdout))
    }
}

/// What Towpath calls a repository.
pub(crate) fn repository(account: &str, name: &str) -> String {
    format!("{account}.dkr.ecr.{REGION}.amazonaws.com/{name}")
}

/// Runs a command to its good end.
pub(crate) fn succeed(mut command: Command) -> Result<()> {
    let output =
        command.output().with_context(|| format!("{} could not be started", command.get_program().display()))?;
    ensure!(
        output.status.success(),
        "{} ended with {}: {}",
        command.get_program().display(),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn world(names: &[String]) -> String {
    let mut world = format!("default-account = \"{FROM}\"\ndefault-region = \"{REGION}\"\n");
    for account in [FROM, TO] {
        for name in names {
            let written = write!(world, "[[repositories]]\nname = \"{name}\"\naccount = \"{account}\"\n");
            written.expect("a string takes everything");
        }
    }
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_every_repository_in_both_accounts() {
        let world = world(&["a".to_owned(), "b".to_owned()]);
        assert_eq!(world.matches("[[repositories]]").count(), 4);
        assert_eq!(world.matches("name = \"b\"\naccount = \"333333333333\"").count(), 1);
    }
}
