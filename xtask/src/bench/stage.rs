//! The stage of the deployments: a simulator whose rollouts end at once, with a service for each contestant.
//!
//! Every contestant moves its own service from one image to the next, so that each run deploys something new.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::peers::simulated::{self, Simulated};

/// The account in which all happens.
pub(super) const ACCOUNT: &str = "111111111111";
/// The cluster of all services.
pub(super) const CLUSTER: &str = "shop";
/// The repository of all images.
pub(super) const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";

/// The world without images and services: tasks run as soon as they are wanted, and are gone as soon as they are not.
const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"
[knobs]
task-start = 0
settle = 0
drain = 0
deprovision = 0
pending-to-in-progress = 0
"#;

/// A service, but for its name and the family of its task definition.
const SERVICE: &str = r#"
[[services]]
cluster = "shop"
name = "NAME"
desired-count = 2
circuit-breaker = "roll-back"
create-service = { launchType = "FARGATE", networkConfiguration = { awsvpcConfiguration = { subnets = ["subnet-0a1b2c3d"] } } }
[services.task-definition]
family = "NAME"
executionRoleArn = "arn:aws:iam::111111111111:role/shop-execution"
taskRoleArn = "arn:aws:iam::111111111111:role/shop-api"
networkMode = "awsvpc"
requiresCompatibilities = ["FARGATE"]
cpu = "256"
memory = "512"
[[services.task-definition.containerDefinitions]]
name = "api"
image = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api:1.0.0"
essential = true
portMappings = [{ containerPort = 8080, protocol = "tcp" }]
environment = [{ name = "STAGE", value = "dev" }]
"#;

const CONFIGURATION: &str = r#"app = "shop"

[environments.dev]
account = "111111111111"
region = "us-west-2"

[components.api]
kind = "service"
image = { repository = "shop-api" }
cluster = "shop"
service = "NAME"
container = "api"
"#;

/// The services, one for each contestant; see [`Stage::folder`] for the first two.
pub(super) const SERVICES: [&str; 4] = ["towpath", "towpath-in-memory", "fabfuel", "script"];

/// How many simulated seconds pass in a real one: what takes ECS's scheduler a few steps takes no time that counts.
const SPEED: u32 = 1_000;

/// Where Linux keeps files in memory.
const MEMORY: &str = "/dev/shm";

/// The running simulator, and the folders that Towpath is run in.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) simulated: Simulated,
    folder: PathBuf,
    in_memory: Option<PathBuf>,
}

impl Stage {
    /// Sets the stage in `folder`, with images 1.0.0, which runs, to 1.0.`images`.
    pub(super) fn set(towpath: &Path, folder: &Path, images: usize) -> Result<Self> {
        make_empty(folder)?;
        let scenario = folder.join("world.toml");
        fs::write(&scenario, world(images))?;
        let log = folder.join("simulator.log");
        let memory = Path::new(MEMORY);
        let in_memory = memory.is_dir().then(|| memory.join(format!("towpath-bench-{}", std::process::id())));
        let stage = Self {
            simulated: Simulated::start(towpath, &scenario, SPEED, &log)?,
            folder: folder.to_owned(),
            in_memory,
        };
        stage.configure(towpath, folder, SERVICES[0], images)?;
        if let Some(in_memory) = stage.in_memory() {
            make_empty(in_memory)?;
            stage.configure(towpath, in_memory, SERVICES[1], images)?;
        }
        stage.forget_calls()?;
        Ok(stage)
    }

    /// The folder in which Towpath deploys the first service.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder in which it deploys the second one, whose files are in memory, where there is such a thing.
    pub(super) fn in_memory(&self) -> Option<&Path> {
        self.in_memory.as_deref()
    }

    /// Makes `folder` one of an application that is `service`, with a release of every image.
    fn configure(&self, towpath: &Path, folder: &Path, service: &str, images: usize) -> Result<()> {
        let configuration = CONFIGURATION.replace("NAME", service);
        fs::write(folder.join("towpath.toml"), configuration)?;
        (1..=images).try_for_each(|image| self.create_release(towpath, folder, image))
    }

    fn create_release(&self, towpath: &Path, folder: &Path, image: usize) -> Result<()> {
        let version = version(image);
        let output = Command::new(towpath)
            .args(["release", "create", "--version", &version])
            .args(["--commit", &commit(image)])
            .args(["--image", &format!("api={REPOSITORY}:{version}")])
            .env_clear()
            .envs(simulated::environment(self.simulated.address(), ACCOUNT))
            .current_dir(folder)
            .output()
            .context("towpath could not be started")?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "towpath release create: {complaint}");
        Ok(())
    }

    /// Lets every call take so many milliseconds longer.
    pub(super) fn delay(&self, milliseconds: u32) -> Result<()> {
        let fault = json!({"operation": "*", "kind": "delay", "delay-ms": milliseconds});
        self.simulated.control("POST", "faults", &fault.to_string()).map(drop)
    }

    /// Begins a new log of calls.
    pub(super) fn forget_calls(&self) -> Result<()> {
        self.simulated.control("DELETE", "calls", "").map(drop)
    }

    /// The calls since then.
    pub(super) fn calls(&self) -> Result<Vec<Value>> {
        let mut log = self.simulated.control("GET", "calls", "")?;
        let Value::Array(calls) = log["calls"].take() else {
            anyhow::bail!("the simulator has no log of calls");
        };
        Ok(calls)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(in_memory) = &self.in_memory {
            // What cannot be removed now goes with the machine's next start.
            drop(fs::remove_dir_all(in_memory));
        }
    }
}

fn make_empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

/// The version of an image and its release, and its tag.
pub(super) fn version(image: usize) -> String {
    format!("1.0.{image}")
}

fn commit(image: usize) -> String {
    format!("{image:040x}")
}

fn world(images: usize) -> String {
    let mut world = WORLD.to_owned();
    for image in 0..=images {
        let (version, commit) = (version(image), commit(image));
        let written = write!(
            world,
            "[[images]]\nrepository = \"shop-api\"\ntags = [\"{version}\"]\n\
             behaviour = {{ version = \"{version}\", commit = \"{commit}\", healthy-after = 0, stops-after = 0 }}\n"
        );
        written.expect("a string takes everything");
    }
    for service in SERVICES {
        world.push_str(&SERVICE.replace("NAME", service));
    }
    world
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_world_has_every_image_once_and_a_service_each() {
        let world = world(2);
        for text in [
            "tags = [\"1.0.0\"]",
            "tags = [\"1.0.2\"]",
            "name = \"script\"",
            "family = \"towpath\"",
            "name = \"towpath-in-memory\"",
        ] {
            assert_eq!(world.matches(text).count(), 1, "{text}");
        }
        assert!(!world.contains("NAME"));
    }
}
