//! Calling skopeo, buildah, podman and the aws command line, and an image to call them with.
//!
//! Everything that they keep is in one folder, which goes with the checks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use towpath_core::identifier::Digest;

use crate::peers::{
    python::Python,
    simulated::{self, ACCOUNT, Simulated},
};

/// What the clients are called with.
pub(super) struct Client<'a> {
    python: &'a Python,
    simulated: &'a Simulated,
    folder: PathBuf,
}

impl<'a> Client<'a> {
    pub(super) fn new(python: &'a Python, simulated: &'a Simulated, folder: &Path) -> Result<Self> {
        fs::write(folder.join("policy.json"), json!({"default": [{"type": "insecureAcceptAnything"}]}).to_string())?;
        fs::write(folder.join("registries.conf"), aliases(simulated))?;
        fs::create_dir_all(folder.join("run"))?;
        Ok(Self { python, simulated, folder: folder.to_owned() })
    }

    /// A place of its own in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where the registry is.
    pub(super) fn address(&self) -> String {
        self.simulated.address().to_string()
    }

    /// The name of an image in the registry of the account that the clients have.
    pub(super) fn image(&self, name: &str) -> String {
        format!("docker://{}/{name}", self.address())
    }

    /// Runs `aws` with the words of `line`, and answers what it printed as JSON.
    pub(super) fn aws(&self, line: &str) -> Result<Value> {
        let mut command = Command::new(self.python.program("aws"));
        command.args(["--output", "json"]).args(line.split_whitespace());
        let printed = self.succeeded(command)?;
        serde_json::from_str(&printed).with_context(|| format!("`aws {line}` printed no JSON"))
    }

    /// The user and the password of the registry.
    pub(super) fn credentials(&self) -> Result<String> {
        let mut command = Command::new(self.python.program("aws"));
        command.args(["ecr", "get-login-password"]);
        Ok(format!("AWS:{}", self.succeeded(command)?.trim()))
    }

    /// Runs `skopeo` with the words, and answers what it printed.
    pub(super) fn skopeo(&self, words: &[&str]) -> Result<String> {
        self.succeeded(self.skopeo_command(words))
    }

    /// Copies an image with `skopeo`, digests and all.
    pub(super) fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.skopeo(&copying(from, to, &self.credentials()?)).map(drop)
    }

    /// The same, which must be refused in words that contain `expected`.
    pub(super) fn refused_copy(&self, from: &str, to: &str, expected: &str) -> Result<()> {
        let output = self.run(self.skopeo_command(&copying(from, to, &self.credentials()?)))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            !output.status.success() && complaint.contains(expected),
            "it ended with {}: {complaint}",
            output.status
        );
        Ok(())
    }

    fn skopeo_command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("skopeo");
        command.arg("--policy").arg(self.path("policy.json")).args(words);
        command
    }

    /// The digest of the manifest that the registry has under a name.
    pub(super) fn digest(&self, image: &str) -> Result<String> {
        let words = ["inspect", "--raw", "--tls-verify=false", "--creds", &self.credentials()?, image];
        Ok(sha256(self.skopeo(&words)?.as_bytes()))
    }

    /// Runs `buildah` or `podman` with the words, and answers what it printed.
    pub(super) fn build(&self, program: &str, words: &[&str]) -> Result<String> {
        let mut command = Command::new(program);
        let (root, run) = (self.path("storage"), self.path("run"));
        command.args(["--storage-driver", "vfs", "--root"]).arg(root).arg("--runroot").arg(run).args(words);
        self.succeeded(command)
    }

    fn succeeded(&self, command: Command) -> Result<String> {
        let shown = command.get_program().display().to_string();
        let output = self.run(command)?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{shown} ended with {}: {}", output.status, complaint.trim());
        Ok(String::from_utf8(output.stdout)?)
    }

    fn run(&self, mut command: Command) -> Result<Output> {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("TMPDIR", self.path("run"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("BUILDAH_ISOLATION", "chroot")
            .env("CONTAINERS_REGISTRIES_CONF", self.path("registries.conf"))
            .envs(simulated::environment(self.simulated.address(), ACCOUNT));
        command.output().with_context(|| format!("{} could not be started", command.get_program().display()))
    }
}

fn copying<'w>(from: &'w str, to: &'w str, credentials: &'w str) -> Vec<&'w str> {
    let mut words = vec!["copy", "--all", "--preserve-digests"];
    if from.starts_with("docker:") {
        words.extend(["--src-tls-verify=false", "--src-creds", credentials]);
    }
    if to.starts_with("docker:") {
        words.extend(["--dest-tls-verify=false", "--dest-creds", credentials]);
    }
    words.extend([from, to]);
    words
}

/// The registry under its real name.
fn aliases(simulated: &Simulated) -> String {
    let (address, region) = (simulated.address(), simulated::REGION);
    format!(
        "[[registry]]\nprefix = \"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com\"\nlocation = \"{address}/{ACCOUNT}/{region}\"\ninsecure = true\n"
    )
}

fn sha256(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()
}

/// Writes the image layout of an image for two platforms into `folder`, and answers the digest of its index.
pub(super) fn write_layout(folder: &Path, text: &str) -> Result<String> {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let part = |kind: &str, content: &[u8]| -> Result<Value> {
        let digest = sha256(content);
        fs::write(blobs.join(digest.trim_start_matches("sha256:")), content)?;
        Ok(json!({"mediaType": format!("application/vnd.oci.image.{kind}"), "digest": digest, "size": content.len()}))
    };
    let mut children = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let layer = format!("{text} for {architecture}\n").repeat(50_000);
        let configuration = json!({"os": "linux", "architecture": architecture, "config": {},
            "rootfs": {"type": "layers", "diff_ids": [sha256(layer.as_bytes())]}});
        let config = part("config.v1+json", configuration.to_string().as_bytes())?;
        let layers = [part("layer.v1.tar", layer.as_bytes())?];
        let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config, "layers": layers});
        let mut child = part("manifest.v1+json", manifest.to_string().as_bytes())?;
        child["platform"] = json!({"os": "linux", "architecture": architecture});
        children.push(child);
    }
    let index =
        json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": children});
    let index = part("index.v1+json", index.to_string().as_bytes())?;
    let digest = index["digest"].as_str().unwrap_or_default().to_owned();
    fs::write(folder.join("index.json"), json!({"schemaVersion": 2, "manifests": [index]}).to_string())?;
    fs::write(folder.join("oci-layout"), json!({"imageLayoutVersion": "1.0.0"}).to_string())?;
    Ok(digest)
}
