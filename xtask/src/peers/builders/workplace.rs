//! Where a builder works: the example's service in a repository with one commit, storage of its own, and a simulator.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::peers::{
    http,
    programs::Programs,
    simulated::{self, Simulated},
};

use super::example::{bring, compile, give_storage, is_there, own, succeeded};

/// The account that is built in, and the one that is promoted to.
pub(super) const ACCOUNTS: [&str; 2] = ["111111111111", "333333333333"];
const SCENARIO: &str = include_str!("orders.toml");
/// How many simulated seconds pass in a real one: a rollout takes a minute.
const SPEED: u32 = 60;
/// What the simulator's service of an environment is asked in place of the example's own checks: it runs no program.
const SMOKE: &str = "[[components.api.smoke]]\nurl = \"http://ADDRESS/_serve/{account}/us-west-2/orders-{environment}/orders-api-{environment}/version\"\njson = { version = \"{version}\", git_sha = \"{commit}\" }\n";
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

/// What all builders need: our own program, and the service compiled for both platforms.
pub(super) struct Machine<'a> {
    programs: &'a Programs,
    towpath: PathBuf,
}

impl<'a> Machine<'a> {
    /// Builds what is needed; the error is why it cannot be had here.
    pub(super) fn of(programs: &'a Programs) -> Result<Self> {
        ensure!(is_there("skopeo"), "skopeo is not installed");
        compile(programs, &ARCHITECTURES)?;
        Ok(Self { programs, towpath: programs.ours("towpath")? })
    }

    /// Whether this builder can be used here, or why not.
    pub(super) fn lacks(&self, tool: &str) -> Result<(), String> {
        if !is_there(tool) {
            return Err("not installed".to_owned());
        }
        let place = Workplace::folder(self, tool).map_err(|error| format!("{error:#}"))?;
        fs::write(place.join("Probe"), "FROM scratch\nCOPY Probe /\n").map_err(|error| error.to_string())?;
        let mut probe = Command::new(tool);
        probe.args(["build", "--file", "Probe", "."]).current_dir(&place).env_clear().envs(own(&place));
        let probed = succeeded(tool, probe.output());
        probed.map(drop).map_err(|error| format!("it cannot build here: {error:#}"))
    }
}

/// One check's folder and simulator.
pub(super) struct Workplace<'a> {
    machine: &'a Machine<'a>,
    folder: PathBuf,
    simulated: Simulated,
    tool: String,
}

impl<'a> Workplace<'a> {
    pub(super) fn open(machine: &'a Machine<'a>, tool: &str) -> Result<Self> {
        let folder = Self::folder(machine, tool)?;
        let scenario = folder.join("scenario.toml");
        fs::write(&scenario, SCENARIO)?;
        let simulated = Simulated::start(&machine.towpath, &scenario, SPEED, &folder.join("simulator.log"))?;
        Ok(Self { machine, folder, simulated, tool: tool.to_owned() })
    }

    /// An empty folder with storage of the builder's own.
    fn folder(machine: &Machine<'_>, tool: &str) -> Result<PathBuf> {
        let folder = machine.programs.target.join("peers/builders").join(tool);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(folder.join("app"))?;
        give_storage(&folder)?;
        Ok(folder)
    }

    /// Brings the example here, for these platforms, and commits it.
    pub(super) fn prepare(&self, platforms: &str) -> Result<()> {
        let edited = |text: &str| self.with_simulated_checks(&text.replace(r#"["linux/amd64"]"#, platforms));
        bring(self.machine.programs, &self.folder.join("app"), &ARCHITECTURES, &self.tool, edited)
    }

    /// A configuration whose services are the simulator's.
    fn with_simulated_checks(&self, text: &str) -> String {
        match text.split_once("[[components.api.smoke]]") {
            Some((before, _)) => before.to_owned() + &SMOKE.replace("ADDRESS", &self.simulated.address().to_string()),
            None => text.to_owned(),
        }
    }

    /// Runs `towpath build`, and answers its document.
    pub(super) fn build(&self, arguments: &[&str]) -> Result<Value> {
        self.towpath(ACCOUNTS[0], &[&["build"], arguments].concat())
    }

    /// Runs `towpath` with an account's keys, and answers its document.
    pub(super) fn towpath(&self, account: &str, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new(&self.machine.towpath);
        command.args(arguments).args(["--output", "json"]).current_dir(self.folder.join("app"));
        command.env_clear().envs(own(&self.folder)).envs(simulated::environment(self.simulated.address(), account));
        let said = format!("towpath {}", arguments.join(" "));
        serde_json::from_slice(&succeeded(&said, command.output())?).context("what towpath printed is not JSON")
    }

    /// What skopeo says of an image (`:TAG` or `@DIGEST`) in an account of the simulator's registry.
    pub(super) fn skopeo(&self, account: &str, arguments: &[&str], image: &str) -> Result<Vec<u8>> {
        let address = self.simulated.address();
        let auth = self.folder.join("auth.json");
        fs::write(&auth, json!({ "auths": { address.to_string(): { "auth": self.token(account)? } } }).to_string())?;
        let mut command = Command::new("skopeo");
        command.args(arguments).args(["--tls-verify=false", "--authfile"]).arg(auth);
        command.arg(format!("docker://{address}/{account}/us-west-2/orders-api{image}"));
        succeeded("skopeo", command.env_clear().envs(own(&self.folder)).output())
    }

    fn token(&self, account: &str) -> Result<String> {
        let key = format!("AKIASIM0{account}");
        let credential = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260302/us-west-2/ecr/aws4_request, SignedHeaders=host, Signature=0"
        );
        let target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
        let headers =
            [("x-amz-target", target), ("content-type", "application/x-amz-json-1.1"), ("authorization", &credential)];
        let answer = http::send_with(self.simulated.address(), "POST", "/", &headers, "{}")?;
        let token = answer["authorizationData"][0]["authorizationToken"].as_str();
        Ok(token.context("ECR gave no token")?.to_owned())
    }
}
