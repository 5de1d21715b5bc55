//! podman with a store and a configuration of its own: nothing of the machine's own containers is seen or touched.
//!
//! runc and no resource limits beyond the usual, since the machines that run checks are often containers themselves.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::peers::{
    background::Background,
    simulated::{ACCOUNT, REGION},
};

/// Why no container can be run here.
#[derive(Debug)]
pub(super) struct Unavailable(pub(super) String);

/// Where the helpers of podman are in distributions.
const HELPERS: [&str; 4] =
    ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/lib/podman", "/usr/local/libexec/podman"];

const CONTAINERS: &str = r#"[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
"#;

/// A podman that can run containers.
#[derive(Debug)]
pub(super) struct Podman {
    folder: PathBuf,
}

impl Podman {
    /// Sets one up in `folder`, and lets it run a container.
    pub(super) fn ready(folder: &Path, root: &Path) -> Result<Self, Unavailable> {
        missing().map_or(Ok(()), |missing| Err(Unavailable(missing)))?;
        let podman = Self { folder: folder.to_owned() };
        podman.set_up(root).map_err(|error| Unavailable(format!("{error:#}")))?;
        Ok(podman)
    }

    /// The socket that speaks Docker's protocol.
    pub(super) fn socket(&self) -> PathBuf {
        self.folder.join("podman.sock")
    }

    fn set_up(&self, root: &Path) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("containers.conf"), CONTAINERS)?;
        let (store, run) = (self.folder.join("store"), self.folder.join("run"));
        let (store, run) = (store.display(), run.display());
        let storage = format!("[storage]\ndriver = \"vfs\"\ngraphroot = \"{store}\"\nrunroot = \"{run}\"\n");
        fs::write(self.folder.join("storage.conf"), storage)?;
        fs::write(self.folder.join("registries.conf"), "")?;
        self.remove_all();
        self.compile(&root.join("xtask/src/peers/containers/served.rs"))?;
        self.build("probe", "MODE=probe")?;
        self.podman(&["run", "--rm", "localhost/app:probe"]).context("no container can be run here").map(drop)
    }

    /// One static program is all that an image needs.
    fn compile(&self, source: &Path) -> Result<()> {
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = Command::new(compiler);
        command.args(["--edition", "2024", "-C", "opt-level=1", "-C", "panic=abort", "-C", "strip=symbols"]);
        command.args(["-C", "target-feature=+crt-static", "-o"]).arg(self.folder.join("served")).arg(source);
        printed(&mut command).map(drop)
    }

    /// Builds the image `app` with this tag and environment, without any other image.
    pub(super) fn build(&self, tag: &str, environment: &str) -> Result<()> {
        let file = self.folder.join(format!("Containerfile.{tag}"));
        let lines = format!("FROM scratch\nCOPY served /served\nENV {environment}\nENTRYPOINT [\"/served\"]\n");
        fs::write(&file, lines)?;
        let (file, folder) = (file.display().to_string(), self.folder.display().to_string());
        let name = format!("localhost/app:{tag}");
        self.podman(&["build", "--quiet", "--isolation", "chroot", "--tag", &name, "--file", &file, &folder]).map(drop)
    }

    /// Pushes an image to a registry on loopback.
    pub(super) fn push(&self, tag: &str, to: &str, credentials: &str) -> Result<()> {
        let name = format!("localhost/app:{tag}");
        self.podman(&["push", "--quiet", "--tls-verify=false", "--creds", credentials, &name, to]).map(drop)
    }

    /// Answers Docker's protocol at the socket, and pulls what is named as in ECR from the `registry`.
    pub(super) fn serve(&self, registry: SocketAddr) -> Result<Background> {
        let mirrored = format!(
            "[[registry]]\nprefix = \"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com\"\nlocation = \"{registry}\"\ninsecure = true\n"
        );
        fs::write(self.folder.join("registries.conf"), mirrored)?;
        let socket = self.socket();
        drop(fs::remove_file(&socket));
        let mut command = self.command(&["system", "service", "--time=0"]);
        command.arg(format!("unix://{}", socket.display()));
        let service = Background::start(command, &self.folder.join("service.log"))?;
        let begun = Instant::now();
        while !socket.exists() {
            ensure!(begun.elapsed() < Duration::from_secs(30), "podman opens no socket");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(service)
    }

    fn podman(&self, words: &[&str]) -> Result<String> {
        printed(&mut self.command(words))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("podman");
        command
            .args(words)
            .env("CONTAINERS_CONF", self.folder.join("containers.conf"))
            .env("CONTAINERS_STORAGE_CONF", self.folder.join("storage.conf"))
            .env("CONTAINERS_REGISTRIES_CONF", self.folder.join("registries.conf"));
        command
    }

    fn remove_all(&self) {
        // There may be none, and what stays behind is in a folder that can be deleted.
        drop(self.podman(&["rm", "--all", "--force", "--time", "0"]));
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        self.remove_all();
    }
}

/// What of the machine is missing, in words.
fn missing() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("containers need Linux".to_owned());
    }
    if !nix::unistd::geteuid().is_root() {
        return Some("not root".to_owned());
    }
    for program in ["podman", "runc", "iptables"] {
        if !runs(program) {
            return Some(format!("{program} is not installed"));
        }
    }
    let has_network = HELPERS.iter().any(|folder| Path::new(folder).join("netavark").exists());
    (!has_network).then(|| "netavark is not installed".to_owned())
}

fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command to its end, and answers what it printed.
fn printed(command: &mut Command) -> Result<String> {
    let shown = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{shown} could not be started"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.trim().lines().last().unwrap_or_default();
    ensure!(output.status.success(), "{shown} ended with {}: {last}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
