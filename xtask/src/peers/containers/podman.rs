//! podman with a store and a configuration of its own: nothing of the machine's own containers is seen or touched.
//!
//! runc and no resource limits beyond the usual, since the machines that run checks are often containers themselves.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::peers::{
    background::{Background, mortal},
    http,
    simulated::{ACCOUNT, REGION},
};

use super::limit::{Limit, printed};

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

/// How long a container may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many seconds nobody may ask anything before the service ends by itself, should nobody else end it.
const IDLE: &str = "--time=120";

/// A podman that can run containers.
#[derive(Debug)]
pub(super) struct Podman {
    folder: PathBuf,
    limit: Limit,
    /// Nobody else has it: the bridge and its addresses are the machine's.
    _lock: File,
}

impl Podman {
    /// Sets one up in `folder`, and lets it run a container that answers.
    pub(super) fn ready(folder: &Path, root: &Path, limit: Limit) -> Result<Self, Unavailable> {
        missing().map_or(Ok(()), |missing| Err(Unavailable(missing)))?;
        let lock = locked().map_err(|error| Unavailable(format!("{error:#}")))?;
        let podman = Self { folder: folder.to_owned(), limit, _lock: lock };
        podman.set_up(root).map_err(|error| Unavailable(format!("{error:#}")))?;
        Ok(podman)
    }

    /// Until when all of it must have ended.
    pub(super) fn limit(&self) -> Limit {
        self.limit
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
        // What a run before has pulled would be found here under its digest, whatever becomes of it in the registry.
        self.podman(&["rmi", "--all", "--force"])?;
        self.compile(&root.join("xtask/src/peers/containers/served.rs"))?;
        self.build("probe", "VERSION=probe")?;
        let container = self.podman(&["run", "--detach", "localhost/app:probe"]);
        let container = container.context("no container can be run here")?;
        let answered = self.probe(&container).context("no container can be reached here");
        self.remove_all();
        answered
    }

    /// Waits until a container answers.
    fn probe(&self, container: &str) -> Result<()> {
        let address = self.podman(&["inspect", "--format", "{{.NetworkSettings.IPAddress}}", container])?;
        let address: SocketAddr = format!("{address}:8080").parse().context("it has no address")?;
        let begun = Instant::now();
        loop {
            match http::send(address, "GET", "/version", "") {
                Ok(answer) if answer["version"] == "probe" => return Ok(()),
                other if begun.elapsed() > PATIENCE => bail!("{address} answers {other:?}"),
                Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
    }

    /// One static program is all that an image needs.
    fn compile(&self, source: &Path) -> Result<()> {
        let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut command = self.limit.command(compiler);
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

    /// Pushes an image to a registry on loopback. Here it is gone then: what runs has been pulled.
    pub(super) fn push(&self, tag: &str, to: &str, credentials: &str) -> Result<()> {
        let name = format!("localhost/app:{tag}");
        self.podman(&["push", "--quiet", "--tls-verify=false", "--creds", credentials, &name, to])?;
        self.podman(&["rmi", "--force", &name]).map(drop)
    }

    /// Answers Docker's protocol at the socket, and pulls what is named as in ECR from the `registry`.
    pub(super) fn serve(&self, registry: SocketAddr) -> Result<Serving<'_>> {
        let mirrored = format!(
            "[[registry]]\nprefix = \"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com\"\nlocation = \"{registry}\"\ninsecure = true\n"
        );
        fs::write(self.folder.join("registries.conf"), mirrored)?;
        let socket = self.socket();
        drop(fs::remove_file(&socket));
        let mut command = mortal("podman");
        self.configure(command.args(["system", "service", IDLE]).arg(format!("unix://{}", socket.display())));
        let background = Background::start(command, &self.folder.join("service.log"))?;
        let service = Serving { podman: self, _background: background };
        let begun = Instant::now();
        while !socket.exists() {
            ensure!(begun.elapsed() < Duration::from_secs(30), "podman opens no socket");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(service)
    }

    fn podman(&self, words: &[&str]) -> Result<String> {
        printed(self.configure(self.limit.command("podman").args(words)))
    }

    fn configure<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("CONTAINERS_CONF", self.folder.join("containers.conf"))
            .env("CONTAINERS_STORAGE_CONF", self.folder.join("storage.conf"))
            .env("CONTAINERS_REGISTRIES_CONF", self.folder.join("registries.conf"))
    }

    /// Also when the time is up, so it has some of its own.
    fn remove_all(&self) {
        let mut command = Limit::of(Duration::from_mins(1)).command("podman");
        // There may be none, and what stays behind is in a folder that can be deleted.
        drop(printed(self.configure(command.args(["rm", "--all", "--force", "--time", "0"]))));
    }
}

/// podman while it answers at its socket.
#[derive(Debug)]
pub(super) struct Serving<'a> {
    podman: &'a Podman,
    _background: Background,
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        // Before the service ends: whoever is killed while it starts a container leaves that one's network behind.
        self.podman.remove_all();
    }
}

/// The machine's bridge for ourselves.
fn locked() -> Result<File> {
    let path = std::env::temp_dir().join("towpath-containers.lock");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    file.try_lock().context("another run has the containers of this machine")?;
    Ok(file)
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
