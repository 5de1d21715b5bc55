//! The example's service, built by `towpath build`, pushed to ministack's registry, promoted, and run as a container.
//!
//! What the checks ask for is what the example's own `towpath.toml` asks for; only where its service answers is another.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::peers::builders::example::{bring, commit, compile, git, give_storage, is_there, own};

use super::{
    service::Service,
    world::{World, repository},
};

const SERVICE: Service =
    Service { cluster: "orders-staging", name: "orders-api-staging", container: "api", balancer: "orders" };
const REPOSITORY: &str = "orders-api";
/// What the example says of the answer at `/version`.
const VERSION_CHECK: &str = r#"json = { version = "{version}", git_sha = "{commit}" }"#;

/// The service and its repository.
pub(super) struct Orders<'a> {
    world: &'a World<'a>,
    folder: PathBuf,
}

impl<'a> Orders<'a> {
    pub(super) const CHECKS: [&'static str; 2] = [
        "the image that `towpath build` made runs, and answers the version and the commit of its release",
        "an image that answers another version than its release's is put back",
    ];

    /// With the service compiled; the error is why it cannot be had here.
    pub(super) fn compiled(world: &'a World<'a>) -> Result<Self> {
        compile(world.programs, &["amd64"])?;
        Ok(Self { world, folder: world.folder("orders")? })
    }

    /// How each of the checks ends.
    pub(super) fn checks(&self) -> [Result<()>; 2] {
        let begun = self.begin();
        let passed = begun.is_ok();
        let good = begun.and_then(|()| self.good());
        let mistaken = if passed { self.mistaken() } else { Err(anyhow::anyhow!("there is no service")) };
        [good, mistaken]
    }

    /// A first image, built like the others, serves.
    fn begin(&self) -> Result<()> {
        give_storage(&self.folder)?;
        std::fs::create_dir_all(self.app())?;
        let url = self.world.url(SERVICE.balancer);
        let edited = |text: &str| {
            let text = text.replace("https://api.{environment}.example.com", &url);
            let text = text.replace("container = \"api\"", "container = \"api\"\nrollout-timeout = \"3m\"");
            text.replace(VERSION_CHECK, &format!("{VERSION_CHECK}\ninterval = \"1s\"\ndeadline = \"15s\""))
        };
        let tool = if is_there("buildah") { "buildah" } else { "podman" };
        bring(self.world.programs, &self.app(), &["amd64"], tool, edited)?;
        self.world.create_repository(REPOSITORY)?;
        let image = self.build("1.0.0")?;
        SERVICE.create(self.world, &image, "1.0.0")
    }

    /// Another commit is built and promoted, and its container says so.
    fn good(&self) -> Result<()> {
        commit(&self.app(), "second")?;
        let image = self.build("1.1.0")?;
        let (code, told) = self.promote("1.1.0")?;
        ensure!(code == Some(0), "the exit code is {code:?}:\n{told}");
        for words in ["1 running task proven by digest", "4 smoke checks passed"] {
            ensure!(told.contains(words), "it does not say `{words}`:\n{told}");
        }
        let commit = git(&self.app(), &["rev-parse", "HEAD"])?;
        let answer = self.world.answer(SERVICE.balancer, "/version")?;
        ensure!(answer == json!({"version": "1.1.0", "git_sha": commit}), "the container answers {answer}");
        let serves = self.image(&SERVICE.task_definition(self.world)?)?;
        ensure!(serves == image, "{serves} serves, and {image} was built");
        Ok(())
    }

    /// A release that names the first image by mistake: it runs well, and is not what it is called.
    fn mistaken(&self) -> Result<()> {
        let digest = self.world.digest(REPOSITORY, "v1.0.0")?;
        let image = format!("api={}@{digest}", repository(REPOSITORY));
        let commit = git(&self.app(), &["rev-parse", "HEAD"])?;
        let words = ["release", "create", "--version", "1.2.0", "--commit", &commit, "--image", &image];
        let made = self.towpath(&words)?;
        ensure!(made.status.success(), "no release: {}", String::from_utf8_lossy(&made.stderr));
        let (code, told) = self.promote("1.2.0")?;
        ensure!(code == Some(5), "the exit code is {code:?}:\n{told}");
        for words in [
            "1.2.0 failed and was rolled back",
            r#"is "1.0.0", expected "1.2.0""#,
            "the previous revision serves again, proven",
        ] {
            ensure!(told.contains(words), "it does not say `{words}`:\n{told}");
        }
        let serves = SERVICE.version(self.world)?;
        ensure!(serves == "1.1.0", "{serves} serves");
        Ok(())
    }

    /// Builds, publishes and releases what is committed, and answers the image by its digest.
    fn build(&self, version: &str) -> Result<String> {
        let output = self.towpath(&["build", "--version", version, "--output", "json"])?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "towpath build ended with {}: {}", output.status, complaint.trim());
        let built: Value = serde_json::from_slice(&output.stdout).context("what towpath printed is not JSON")?;
        let image = built["release"]["artifacts"]["api"]["image"].as_str();
        Ok(image.context("the release has no image")?.to_owned())
    }

    /// Brings a release to staging, and answers the exit code and what was told.
    fn promote(&self, version: &str) -> Result<(Option<i32>, String)> {
        let output = self.towpath(&["promote", "staging", "--release", version])?;
        let told = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
        std::fs::write(self.folder.join(format!("{version}.log")), &told)?;
        Ok((output.status.code(), told))
    }

    /// The image of a revision.
    fn image(&self, task_definition: &str) -> Result<String> {
        let words = ["--task-definition", task_definition];
        self.world.told("ecs describe-task-definition", &words, "/taskDefinition/containerDefinitions/0/image")
    }

    fn towpath(&self, words: &[&str]) -> Result<Output> {
        self.world.towpath(&self.app(), words, &own(&self.folder))
    }

    fn app(&self) -> PathBuf {
        Path::new(&self.folder).join("app")
    }
}
