//! The world of the containers: a ministack whose tasks are podman's containers, and the programs that speak to it.
//!
//! Towpath and podman reach it through `python/ministack_proxy.py`, which says what it corrects and why; the aws command
//! line, which makes everything that is there, reaches it as it is.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::peers::{
    background::mortal,
    http, ministack,
    programs::Programs,
    python::Python,
    server::Server,
    simulated::{self, ACCOUNT, REGION},
};

use super::{
    limit::{ended, printed},
    podman::{Podman, Serving},
};

/// What goes wrong with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is deleted once a task definition names it.
    Gone,
    /// Its manifest keeps podman waiting.
    Slow,
}

/// Everything that a story needs. What runs in it ends with it: first what starts containers, then the containers, then
/// podman.
pub(super) struct World<'a> {
    pub(super) programs: &'a Programs,
    pub(super) podman: &'a Podman,
    python: &'a Python,
    ministack: Server,
    proxy: Server,
    _serving: Serving<'a>,
    towpath: PathBuf,
}

impl<'a> World<'a> {
    /// Starts it, with nothing in it.
    pub(super) fn start(programs: &'a Programs, python: &'a Python, podman: &'a Podman) -> Result<Self> {
        let towpath = programs.ours("towpath")?;
        let with_ministack = Python::with_ministack(&programs.root, &programs.target)?;
        let socket = podman.socket();
        let ministack = ministack::start(programs, &with_ministack, Some(&socket), "ministack-with-containers")?;
        let upstream = ministack.address().port().to_string();
        let proxy = Server::start(&log(programs), |address| {
            let mut command = mortal(python.program("python"));
            command.arg(python.source("ministack_proxy.py")).args([address.port().to_string(), upstream]);
            command
        })?;
        let serving = podman.serve(proxy.address())?;
        Ok(Self { programs, podman, python, ministack, proxy, _serving: serving, towpath })
    }

    /// A folder of its own, empty.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.programs.target.join("peers/containers").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        Ok(folder)
    }

    /// A repository, empty.
    pub(super) fn create_repository(&self, name: &str) -> Result<()> {
        self.aws("ecr create-repository --repository-name", &[name]).map(drop)
    }

    /// What ministack's registry wants to be shown, and where it is.
    pub(super) fn registry(&self) -> Result<(SocketAddr, String)> {
        let token = self.told("ecr get-authorization-token", &[], "/authorizationData/0/authorizationToken")?;
        Ok((self.ministack.address(), self.python.decoded(&token)?))
    }

    /// The digest that a tag is on.
    pub(super) fn digest(&self, repository: &str, tag: &str) -> Result<String> {
        let image = format!("imageTag={tag}");
        let words = ["--repository-name", repository, "--image-ids", &image];
        self.told("ecr describe-images", &words, "/imageDetails/0/imageDigest")
    }

    /// From now on something is wrong with an image of the repository `app`.
    pub(super) fn trouble(&self, digest: &str, trouble: Trouble) -> Result<()> {
        let what = match trouble {
            Trouble::Gone => "gone",
            Trouble::Slow => "slow",
        };
        http::send(self.proxy.address(), "PUT", &format!("/_images/{digest}/{what}"), "").map(drop)
    }

    /// How many services Towpath has updated so far.
    pub(super) fn updates(&self) -> Result<usize> {
        let log = log(self.programs);
        let calls = fs::read_to_string(&log).with_context(|| log.display().to_string())?;
        Ok(calls.lines().filter(|line| *line == "UpdateService 200").count())
    }

    /// Where a load balancer answers.
    pub(super) fn url(&self, balancer: &str) -> String {
        format!("http://{}/_alb/{balancer}", self.ministack.address())
    }

    /// What is answered behind a load balancer.
    pub(super) fn answer(&self, balancer: &str, path: &str) -> Result<Value> {
        http::send(self.ministack.address(), "GET", &format!("/_alb/{balancer}{path}"), "")
    }

    /// Runs `towpath` in a folder to its end, whatever that is.
    pub(super) fn towpath(&self, folder: &Path, words: &[&str], further: &[(&str, String)]) -> Result<Output> {
        let mut command = self.podman.limit().command(&self.towpath);
        ended(alone(command.args(words).current_dir(folder), self.proxy.address()).envs(further.iter().cloned()))
    }

    /// The text at a place of an answer of AWS.
    pub(super) fn told(&self, line: &str, further: &[&str], at: &str) -> Result<String> {
        let answer = self.aws(line, further)?;
        let told = answer.pointer(at).and_then(Value::as_str);
        told.map(str::to_owned).with_context(|| format!("`aws {line}` answers nothing at {at}"))
    }

    /// Runs the aws command line.
    pub(super) fn aws(&self, line: &str, further: &[&str]) -> Result<Value> {
        let mut command = self.podman.limit().command(self.python.program("aws"));
        command.args(["--output", "json"]).args(line.split_whitespace()).args(further);
        let answer = printed(alone(&mut command, self.ministack.address()))?;
        Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
    }
}

/// What a repository is called in an image's name.
pub(super) fn repository(name: &str) -> String {
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}")
}

/// What Towpath and podman have asked.
fn log(programs: &Programs) -> PathBuf {
    programs.target.join("peers/containers/proxy.log")
}

/// A client of the AWS at `address` that knows of nothing else on the machine.
fn alone(command: &mut Command, address: SocketAddr) -> &mut Command {
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(simulated::environment(address, ACCOUNT))
}
