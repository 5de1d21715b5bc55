//! Where a builder works: the example's service in a repository with one commit, storage of its own, and a simulator.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::peers::{
    http,
    programs::Programs,
    simulated::{self, Simulated},
};

/// The account that is built in, and the one that is promoted to.
pub(super) const ACCOUNTS: [&str; 2] = ["111111111111", "333333333333"];
const SCENARIO: &str = include_str!("orders.toml");
/// How many simulated seconds pass in a real one: a rollout takes a minute.
const SPEED: u32 = 60;
/// What the simulator's service of an environment is asked in place of the example's own checks: it runs no program.
const SMOKE: &str = "[[components.api.smoke]]\nurl = \"http://ADDRESS/_serve/{account}/us-west-2/orders-{environment}/orders-api-{environment}/version\"\njson = { version = \"{version}\", git_sha = \"{commit}\" }\n";
const EXAMPLE: [&str; 4] = ["Dockerfile", ".dockerignore", ".gitignore", "towpath.toml"];

/// What all builders need: our own program, and the service compiled for both platforms.
pub(super) struct Machine<'a> {
    programs: &'a Programs,
    towpath: PathBuf,
}

impl<'a> Machine<'a> {
    /// Builds what is needed; the error is why it cannot be had here.
    pub(super) fn of(programs: &'a Programs) -> Result<Self> {
        ensure!(is_there("skopeo"), "skopeo is not installed");
        let targets = Command::new("rustup").args(["target", "list", "--installed"]).output();
        let targets = targets.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        for target in ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"] {
            ensure!(targets.lines().any(|line| line == target), "the Rust target {target} is not installed");
        }
        let script = programs.root.join("examples/app/compile.sh");
        succeeded("compile.sh", Command::new(script).args(["amd64", "arm64"]).output())?;
        Ok(Self { programs, towpath: programs.build("towpath", &["--package", "towpath"])? })
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
        let [root, run] = ["storage", "run"].map(|name| folder.join(name).display().to_string());
        let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{root}\"\nrunroot = \"{run}\"\n");
        fs::write(folder.join("storage.conf"), storage)?;
        Ok(folder)
    }

    /// Brings the example here, for these platforms, and commits it.
    pub(super) fn prepare(&self, platforms: &str) -> Result<()> {
        let (from, app) = (self.machine.programs.root.join("examples/app"), self.folder.join("app"));
        for name in EXAMPLE {
            let text = fs::read_to_string(from.join(name))?;
            let text = text.replace(r#"["linux/amd64"]"#, platforms);
            let text = self.with_simulated_checks(&text);
            let chosen = format!("[build]\ntool = \"{}\"\n\n[release]", self.tool);
            fs::write(app.join(name), text.replace("[release]", &chosen))?;
        }
        for architecture in ["amd64", "arm64"] {
            fs::create_dir_all(app.join("dist").join(architecture))?;
            let program = format!("dist/{architecture}/app");
            fs::copy(from.join(&program), app.join(&program))?;
        }
        for arguments in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "."],
            &["commit", "--quiet", "--message=first"],
        ] {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=peer", "-c", "user.email=peer@example.com"]).args(arguments).current_dir(&app);
            succeeded("git", git.output())?;
        }
        Ok(())
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

/// The environment of a builder that has a folder of its own, and needs no privilege that a container lacks.
fn own(folder: &Path) -> Vec<(&'static str, String)> {
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

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What it printed, where it succeeded.
fn succeeded(program: &str, output: std::io::Result<Output>) -> Result<Vec<u8>> {
    let output = output.with_context(|| format!("{program} could not be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = complaint.lines().rev().take(8).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    ensure!(output.status.success(), "{program} ended with {}: {}", output.status, last.join(" | "));
    Ok(output.stdout)
}
