//! The servers that all publish to: the simulator, or s3s-fs with the simulator beside it for whatever is not S3.
//!
//! s3s-fs keeps no log of calls, so that requests are counted at the simulator alone.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::peers::{
    s3s,
    server::Server,
    simulated::{self, ACCOUNT, Simulated},
};

/// The bucket of all.
pub(super) const BUCKET: &str = "bench";

/// What the simulator is called.
pub(super) const SIMULATOR: &str = "the simulator";

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// A running server of S3.
#[derive(Debug)]
pub(super) struct Storage {
    pub(super) name: &'static str,
    simulated: Simulated,
    other: Option<Other>,
}

/// A server that is not ours.
#[derive(Debug)]
struct Other {
    server: Server,
    folder: PathBuf,
}

impl Storage {
    /// The simulator, where every request to S3 takes so many milliseconds longer.
    pub(super) fn simulated(towpath: &Path, folder: &Path, delay: u32) -> Result<Self> {
        let scenario = folder.join("world.toml");
        let world = format!(
            "default-account = \"{ACCOUNT}\"\ndefault-region = \"{}\"\n[s3]\nlatency-ms = {delay}\n[[buckets]]\nname = \"{BUCKET}\"\n",
            simulated::REGION
        );
        fs::write(&scenario, world)?;
        let simulated = Simulated::start(towpath, &scenario, 1, &folder.join("simulator.log"))?;
        Ok(Self { name: SIMULATOR, simulated, other: None })
    }

    /// s3s-fs, its files in memory where there is such a thing; `None` where it is not on this machine.
    pub(super) fn s3s(towpath: &Path, folder: &Path) -> Result<Option<Self>> {
        let Some(program) = s3s::found() else {
            return Ok(None);
        };
        let Self { simulated, .. } = Self::simulated(towpath, folder, 0)?;
        let memory = Path::new(MEMORY);
        let root = if memory.is_dir() { memory } else { folder };
        let objects = root.join(format!("towpath-bench-s3s-{}", std::process::id()));
        fs::create_dir_all(objects.join(BUCKET)).with_context(|| objects.display().to_string())?;
        let server = s3s::start(&program, &objects, ACCOUNT, &folder.join("s3s-fs.log"))?;
        Ok(Some(Self { name: "s3s-fs", simulated, other: Some(Other { server, folder: objects }) }))
    }

    /// Whether it has a log of requests.
    pub(super) fn counts(&self) -> bool {
        self.other.is_none()
    }

    /// Where S3 is.
    pub(super) fn address(&self) -> SocketAddr {
        self.other.as_ref().map_or(self.simulated.address(), |other| other.server.address())
    }

    /// Lets `command` find S3 at that address, and the simulator for everything else.
    pub(super) fn known_to(&self, command: &mut Command, s3: SocketAddr) {
        let s3 = format!("http://{s3}");
        for (name, value) in simulated::environment(self.simulated.address(), ACCOUNT) {
            let of_rclone = match name {
                "AWS_ACCESS_KEY_ID" => Some("RCLONE_CONFIG_S_ACCESS_KEY_ID"),
                "AWS_SECRET_ACCESS_KEY" => Some("RCLONE_CONFIG_S_SECRET_ACCESS_KEY"),
                "AWS_REGION" => Some("RCLONE_CONFIG_S_REGION"),
                _ => None,
            };
            of_rclone.map(|of_rclone| command.env(of_rclone, &value));
            command.env(name, value);
        }
        command.env("RCLONE_CONFIG_S_TYPE", "s3").env("RCLONE_CONFIG_S_PROVIDER", "Other");
        for name in ["AWS_ENDPOINT_URL_S3", "S3_ENDPOINT_URL", "RCLONE_CONFIG_S_ENDPOINT"] {
            command.env(name, &s3);
        }
    }

    /// Removes everything below a prefix, so that a disk does not fill up.
    pub(super) fn remove(&self, prefix: &str, s5cmd: &Path) -> Result<()> {
        if let Some(other) = &self.other {
            let below = other.folder.join(BUCKET).join(prefix);
            return if below.exists() { Ok(fs::remove_dir_all(below)?) } else { Ok(()) };
        }
        let mut command = Command::new(s5cmd);
        command.args(["--log", "error", "rm", &format!("s3://{BUCKET}/{prefix}/*")]);
        self.known_to(&mut command, self.address());
        // Where there is nothing, it says so and fails.
        let _output = command.output().context("s5cmd could not be started")?;
        Ok(())
    }

    /// How many requests to S3 `work` makes.
    pub(super) fn requests(&self, work: impl FnOnce() -> Result<()>) -> Result<usize> {
        self.simulated.control("DELETE", "calls", "").map(drop)?;
        work()?;
        let log = self.simulated.control("GET", "calls", "")?;
        let calls = log["calls"].as_array().context("the simulator has no log of calls")?;
        let requests = calls.iter().filter(|call| call["service"] == "s3").count();
        ensure!(requests > 0, "nobody asked S3 for anything");
        Ok(requests)
    }

    /// What is below a prefix: each file's tag and content type.
    pub(super) fn objects(&self, prefix: &str) -> Result<BTreeMap<String, (String, String)>> {
        let shown = self.simulated.control("GET", "objects", "")?;
        let objects = shown["objects"].as_array().context("the simulator shows no objects")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let below = format!("{prefix}/");
        let object = |object: &Value| {
            let key = object["key"].as_str()?.strip_prefix(&below)?.to_owned();
            Some((key, (text(&object["etag"]), text(&object["headers"]["content-type"]))))
        };
        Ok(objects.iter().filter_map(object).collect())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // What cannot be removed now goes with the machine's next start.
        drop(fs::remove_dir_all(&self.folder));
    }
}
