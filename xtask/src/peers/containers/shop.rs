//! Where the stories are played: one service, an image for each version, and a `towpath.toml`.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::peers::simulated::{ACCOUNT, REGION};

use super::{
    limit::printed,
    service::Service,
    stories::{Ending, Image, STORIES, Story},
    world::{Trouble, World, repository},
};

/// The version that serves when the first story begins.
const BASELINE: &str = "1.0.0";

const SERVICE: Service = Service { cluster: "real", name: "app", container: "app", balancer: "front" };

/// The service and its images.
pub(super) struct Shop<'a> {
    world: &'a World<'a>,
    /// The folder with `towpath.toml`.
    folder: PathBuf,
}

impl<'a> Shop<'a> {
    /// Makes all images, and the service with the baseline running.
    pub(super) fn open(world: &'a World<'a>) -> Result<Self> {
        let shop = Self { world, folder: world.folder("shop")? };
        shop.publish()?;
        shop.write_configuration()?;
        let digest = world.digest("app", BASELINE)?;
        SERVICE.create(world, &format!("{}@{digest}", repository("app")), BASELINE)?;
        Ok(shop)
    }

    /// Plays a story: the circuit breaker as it wants it, its release made and promoted.
    pub(super) fn play(&self, story: &Story) -> Result<()> {
        SERVICE.set_circuit_breaker(self.world, story.breaker)?;
        let image = format!("app={}:{}", repository("app"), story.version);
        let commit = format!("{:0<40}", story.version.replace('.', ""));
        let made = ["release", "create", "--version", story.version, "--commit", &commit, "--image", &image];
        let output = self.towpath(&made)?;
        ensure!(output.status.success(), "no release: {}", String::from_utf8_lossy(&output.stderr).trim());
        let updates = self.world.updates()?;
        let output = self.promoted(story)?;
        let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        fs::write(self.folder.with_file_name(format!("{}.log", story.version)), &told)?;
        let updates = self.world.updates()? - updates;
        story.judge(&Ending { code: output.status.code(), told, updates, serves: SERVICE.version(self.world)? })
    }

    /// Promotes a story's release, with what happens to its image or beside it.
    fn promoted(&self, story: &Story) -> Result<Output> {
        let promotion = ["promote", "dev", "--release", story.version];
        let trouble = |trouble: Trouble| self.world.trouble(&self.world.digest("app", story.version)?, trouble);
        match story.image {
            Image::Good | Image::Crashes => self.towpath(&promotion),
            Image::Gone => {
                trouble(Trouble::Gone)?;
                self.towpath(&promotion)
            }
            Image::SlowWhileAnotherSetsBack => {
                trouble(Trouble::Slow)?;
                let before = SERVICE.task_definition(self.world)?;
                std::thread::scope(|scope| {
                    let other = scope.spawn(|| SERVICE.set_back(self.world, &before));
                    let output = self.towpath(&promotion)?;
                    let other = other.join().map_err(|_| anyhow!("the other client panicked"))?;
                    other.context("the other client").map(|()| output)
                })
            }
        }
    }

    fn publish(&self) -> Result<()> {
        self.world.create_repository("app")?;
        let (registry, credentials) = self.world.registry()?;
        let stories = STORIES.iter().map(|story| (story.version, story.image));
        for (version, image) in stories.chain([(BASELINE, Image::Good)]) {
            let mode = match image {
                Image::Crashes => " MODE=crash",
                Image::Good | Image::Gone | Image::SlowWhileAnotherSetsBack => "",
            };
            self.world.podman.build(version, &format!("VERSION={version}{mode}"))?;
            self.world.podman.push(version, &format!("{registry}/app:{version}"), &credentials)?;
        }
        Ok(())
    }

    fn write_configuration(&self) -> Result<()> {
        let Service { cluster, name, container, balancer } = SERVICE;
        let url = self.world.url(balancer);
        let text = format!(
            r#"app = "shop"

[environments.dev]
account = "{ACCOUNT}"
region = "{REGION}"
role = "arn:aws:iam::{ACCOUNT}:role/shop-deployer"

[components.app]
kind = "service"
image = {{ repository = "app" }}
cluster = "{cluster}"
service = "{name}"
container = "{container}"
rollout-timeout = "3m"

[[components.app.smoke]]
url = "{url}/version"
json = {{ version = "{{version}}" }}
interval = "1s"
deadline = "30s"
"#
        );
        fs::write(self.folder.join("towpath.toml"), text)?;
        let mut git: Command = self.world.podman.limit().command("git");
        printed(git.args(["init", "--quiet"]).arg(&self.folder)).map(drop)
    }

    fn towpath(&self, words: &[&str]) -> Result<Output> {
        self.world.towpath(&self.folder, words, &[])
    }
}
