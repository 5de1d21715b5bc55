//! Those who wait, and how each is started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use crate::peers::{
    python::Python,
    simulated::{self, Simulated},
};

use super::world;

/// A tool that deploys and waits until the rollout is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    /// Ours.
    Towpath,
    /// A script of the aws command line, with `aws ecs wait services-stable` at its end.
    Script,
    /// fabfuel's `ecs deploy`.
    Fabfuel,
    /// The waiter of the SDK for JavaScript, as the deploy action calls it by default.
    Action,
}

const CONFIGURATION: &str = r#"app = "shop"

[environments.dev]
account = "ACCOUNT"
region = "us-west-2"

[components.api]
kind = "service"
image = { repository = "shop-api" }
cluster = "shop"
service = "NAME"
container = "api"
"#;

impl Tool {
    /// All of them, ours first.
    pub(super) const ALL: [Self; 4] = [Self::Towpath, Self::Script, Self::Fabfuel, Self::Action];

    /// A word for names of services.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Towpath => "towpath",
            Self::Script => "script",
            Self::Fabfuel => "fabfuel",
            Self::Action => "action",
        }
    }

    /// As the table calls it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Towpath => "`towpath promote`",
            Self::Script => "`aws ecs wait services-stable`, in a script",
            Self::Fabfuel => "fabfuel's `ecs deploy`",
            Self::Action => "the JavaScript SDK's waiter, 15 to 600 s, as the deploy action calls it",
        }
    }

    /// The account in which it works alone.
    pub(super) fn account(self) -> &'static str {
        match self {
            Self::Towpath => "111111111111",
            Self::Script => "222222222222",
            Self::Fabfuel => "333333333333",
            Self::Action => "444444444444",
        }
    }
}

/// Where the tools find things.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) root: &'a Path,
    pub(super) towpath: &'a Path,
    pub(super) python: &'a Python,
    pub(super) node: Option<PathBuf>,
    pub(super) folder: &'a Path,
    pub(super) simulated: &'a Simulated,
}

impl Place<'_> {
    /// The command that deploys `tool`'s rollout `number` and waits for its end.
    pub(super) fn command(&self, tool: Tool, number: usize) -> Command {
        let (service, image) = (world::service(tool, number), world::image(tool, number));
        let mut command = match tool {
            Tool::Towpath => self.program(self.towpath, &["promote", "dev", "--release", &world::version(number)]),
            Tool::Script => {
                let mut command = self.program(Path::new("bash"), &[]);
                command.arg(self.root.join("xtask/src/bench/deploy.sh")).args([world::CLUSTER, &service, &image]);
                command
            }
            Tool::Fabfuel => self
                .program(&self.python.program("ecs"), &["deploy", world::CLUSTER, &service, "--image", "api", &image]),
            Tool::Action => {
                let mut command = self.program(Path::new("node"), &[]);
                command.arg(self.root.join("xtask/src/bench/waiting/action.js"));
                command.args([world::CLUSTER, &service, &image]);
                command.envs(self.node.as_ref().map(|modules| ("NODE_PATH", modules)));
                command
            }
        };
        command.envs(simulated::environment(self.simulated.address(), tool.account())).stdin(Stdio::null());
        if tool == Tool::Towpath {
            command.current_dir(self.folder.join(service));
        }
        command
    }

    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.python.binaries().to_owned()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).unwrap_or(path);
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("PATH", path).current_dir(self.folder);
        command
    }

    /// Makes a folder for each of our own rollouts, with a ledger and a release of its own.
    pub(super) fn configure(&self) -> Result<()> {
        let tool = Tool::Towpath;
        for number in 1..=world::ROLLOUTS {
            let service = world::service(tool, number);
            let folder = self.folder.join(&service);
            fs::create_dir_all(&folder)?;
            let text = CONFIGURATION.replace("NAME", &service).replace("ACCOUNT", tool.account());
            fs::write(folder.join("towpath.toml"), text)?;
            let output = Command::new(self.towpath)
                .args(["release", "create", "--version", &world::version(number)])
                .args(["--commit", &format!("{number:040x}")])
                .args(["--image", &format!("api={}", world::image(tool, number))])
                .envs(simulated::environment(self.simulated.address(), tool.account()))
                .current_dir(folder)
                .output()
                .context("towpath could not be started")?;
            ensure!(output.status.success(), "release create: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }
}

/// The folder of the SDK's modules, installed once; `None` where node, npm or the registry are missing.
pub(super) fn javascript(target: &Path) -> Option<PathBuf> {
    let folder = target.join("peers/node");
    let modules = folder.join("node_modules");
    if modules.join("@aws-sdk/client-ecs").is_dir() {
        return Some(modules);
    }
    fs::create_dir_all(&folder).ok()?;
    let installed = Command::new("npm")
        .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
        .arg(&folder)
        .arg("@aws-sdk/client-ecs@3.1162.0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    installed.is_ok_and(|status| status.success()).then_some(modules)
}
