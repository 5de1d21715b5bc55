//! Where the journey plays: a bucket behind a caching distribution of the simulator, a folder with a build, and two ways
//! to publish it: Towpath's, and what people do without it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};

use super::super::{
    app,
    programs::Programs,
    python::Python,
    server,
    simulated::{self, ACCOUNT, Simulated},
};

const BUCKET: &str = "peer-site";
const DISTRIBUTION: &str = "E1BROWSER";
/// Simulated seconds in a real one: publishing waits for the invalidation.
const SPEED: u32 = 5;

/// A commit for each release.
const COMMITS: [(&str, &str); 2] =
    [("1.0.0", "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"), ("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c")];

/// A world with nothing in its bucket.
#[derive(Debug)]
pub(super) struct World {
    folder: PathBuf,
    towpath: PathBuf,
    aws: PathBuf,
    simulated: Simulated,
}

impl World {
    /// Makes one in `folder`.
    pub(super) fn open(programs: &Programs, python: &Python, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let front = server::free_address()?.to_string();
        let put = |name: &str, text: &str| -> Result<PathBuf> {
            let path = folder.join(name);
            fs::write(&path, text.replace("FRONT", &front)).with_context(|| path.display().to_string())?;
            Ok(path)
        };
        let scenario = put("scenario.toml", include_str!("scenario.toml"))?;
        put("towpath.toml", include_str!("towpath.toml"))?;
        let towpath = programs.ours("towpath")?;
        let simulated = Simulated::start(&towpath, &scenario, SPEED, &folder.join("simulator.log"))?;
        Ok(Self { folder: folder.to_owned(), towpath, aws: python.program("aws"), simulated })
    }

    /// How a browser finds the site at that location, which has a cache of its own.
    pub(super) fn address(&self, location: &str) -> String {
        let port = self.simulated.address().port();
        format!("http://{location}.{}.cloudfront.localhost:{port}/", DISTRIBUTION.to_lowercase())
    }

    /// Builds the release, and begins to publish it with Towpath.
    pub(super) fn deploy(&self, release: &str) -> Result<Child> {
        self.build(release)?;
        let commit = COMMITS.iter().find(|(known, _)| *known == release).context("no commit of that release")?.1;
        self.start(&self.towpath, &["site", "deploy", "dev", "web", "--version", release, "--commit", commit])
    }

    /// Begins to put back the release before.
    pub(super) fn roll_back(&self) -> Result<Child> {
        self.start(&self.towpath, &["site", "rollback", "dev", "web", "--yes"])
    }

    /// Builds the release, and begins to publish it as many do: `aws s3 sync --delete`, and forget everything.
    ///
    /// `no-cache` is a favour: without it, browsers would keep what has no hash.
    pub(super) fn sync(&self, release: &str) -> Result<Child> {
        self.build(release)?;
        let aws = self.aws.display();
        let script = format!(
            "set -e; '{aws}' s3 sync --delete --cache-control no-cache dist s3://{BUCKET}\n\
             '{aws}' cloudfront create-invalidation --distribution-id {DISTRIBUTION} --paths '/*'"
        );
        self.start(Path::new("sh"), &["-c", &script])
    }

    fn build(&self, release: &str) -> Result<()> {
        app::build(&self.folder.join("dist"), release)
    }

    fn start(&self, program: &Path, words: &[&str]) -> Result<Child> {
        let log = self.log();
        let printed = File::create(&log).with_context(|| log.display().to_string())?;
        Command::new(program)
            .args(words)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .envs(simulated::environment(self.simulated.address(), ACCOUNT))
            .stdin(Stdio::null())
            .stdout(printed.try_clone()?)
            .stderr(printed)
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))
    }

    /// Waits for what was begun, which has to end well.
    pub(super) fn end(&self, mut publisher: Child) -> Result<()> {
        let status = publisher.wait()?;
        let said = fs::read_to_string(self.log()).unwrap_or_default();
        ensure!(status.success(), "publishing ended with {status}: {said}");
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.folder.join("publisher.log")
    }
}
