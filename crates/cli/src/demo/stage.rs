//! Where the demonstration plays: a simulator, a folder with configuration and ledger, and each environment's ports.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use towpath_aws::{AccessKeys, Settings, Source};
use towpath_core::{
    config::Environment,
    engine::{Interrupt, World},
    identifier::{CommitId, ComponentName, ImageReference, Version},
    ports::Clock as _,
    release::{NewRelease, Release},
    site::SiteDigest,
};
use towpath_host::HttpProbe;
use towpath_sim::{Options, Pace, Simulator, scenario::Scenario};

use crate::{
    error::CliError,
    setting::{Context, Machine, Project, aws, files_in, gather_site, world},
};

use super::{CONFIGURATION, SCENARIO, Story, clock::StageClock, commits::Commits, frontend};

/// The releases and their commits: the one that serves, the good one, the bad one.
const COMMITS: [(&str, &str); 3] = [
    ("1.0.0", "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f"),
    ("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c"),
    ("1.2.0", "d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef"),
];
const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";
/// A key of the simulator's form: it knows accounts and no secrets.
const ACCESS_KEY: &str = "AKIASIM0111111111111";

/// Where the demonstration plays.
pub(crate) struct Stage {
    pub(crate) project: Project,
    simulator: Arc<Simulator>,
    clock: StageClock,
    builds: &'static [frontend::Build],
}

impl Stage {
    /// Starts the simulator on a free port and writes the configuration. So many simulated seconds pass in a real one.
    pub(crate) async fn set(context: &Context, story: Option<&Story>, speed: f64) -> Result<Self, CliError> {
        let text = story.map_or_else(|| SCENARIO.to_owned(), Story::scenario);
        let mut scenario = Scenario::from_toml(&text, "scenario.toml").map_err(Box::new)?;
        scenario.start.get_or_insert_with(jiff::Timestamp::now);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = Options { listen, scenario, pace: Pace::Stepped, state: None };
        let simulator = Arc::new(Simulator::start(options).await.map_err(Box::new)?);
        let folder = folder()?;
        let file = folder.join("towpath.toml");
        let text = story.map_or_else(|| CONFIGURATION.to_owned(), Story::configuration);
        let edge = simulator.edges().first().map(|(_, address)| address.to_string()).unwrap_or_default();
        let text = text.replace("ENDPOINT", &simulator.endpoint()).replace("EDGE", &edge);
        std::fs::write(&file, text).map_err(|source| CliError::Unwritable { path: file.clone(), source })?;
        let mut context = context.clone();
        context.globals.config = Some(file);
        let clock = StageClock::new(Arc::clone(&simulator), speed);
        let builds = story.map_or(&[][..], |story| story.builds);
        Ok(Self { project: context.project()?, simulator, clock, builds })
    }

    /// The environment's ports: AWS at the simulator, with a key of its own, as the environment's role.
    pub(crate) async fn world(&self, environment: &Environment) -> Result<World, CliError> {
        let settings = Settings {
            endpoint: Some(self.simulator.endpoint()),
            source: Source::Keys(AccessKeys::new(ACCESS_KEY, "simulated", None)),
            ..Settings::new(environment.region.clone(), environment.account.clone())
        };
        let commits =
            COMMITS.iter().map(|(_, commit)| commit.parse().expect("the demonstration's commits are commits"));
        let machine = Machine {
            probe: Arc::new(HttpProbe::direct()),
            source: Arc::new(Commits(commits.collect())),
            clock: Arc::new(self.clock.clone()),
        };
        Ok(world(&self.project, &aws(environment, settings).await?, machine))
    }

    /// The word to stop, given so many simulated seconds from now.
    pub(super) fn interrupt_after(&self, seconds: u32) -> Interrupt {
        let at = self.now() + Duration::from_secs(seconds.into());
        Interrupt::when(self.clock.comes_to(at))
    }

    /// The simulated instant.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// A release of the image that is tagged with its version, where the tag is resolved through the registry, and of
    /// what the frontend's build left for it, where the story has one.
    pub(super) async fn release(&self, version: &Version) -> Result<Release, CliError> {
        let environment = self.project.application.environments.first().expect("the shop has environments");
        let tagged = format!("{REPOSITORY}:{version}").parse().expect("a repository with a version's tag is an image");
        let digest = self
            .world(environment)
            .await?
            .images
            .resolve(&tagged)
            .await
            .map_err(|error| CliError::Registry(Box::new(error)))?;
        let digest = digest.ok_or_else(|| CliError::NoSuchTag(tagged.clone()))?;
        let image = ImageReference::new(tagged.repository, digest);
        let component = self.project.application.components.iter().find(|component| component.site.is_none());
        let component = component.expect("the shop has a service");
        let draft = NewRelease {
            app: self.project.application.app.clone(),
            version: version.clone(),
            commit: commit(version)?,
            images: [(component.name.clone(), image)].into(),
            sites: self.built(version).await?,
        };
        Ok(draft.create(&self.project.application, self.now(), "demo")?)
    }

    /// What the build leaves for that release, kept as `towpath release create` keeps it.
    async fn built(&self, version: &Version) -> Result<BTreeMap<ComponentName, SiteDigest>, CliError> {
        let version = version.to_string();
        let Some(build) = self.builds.iter().find(|build| build.version == version) else {
            return Ok(BTreeMap::new());
        };
        build.write(&self.project.folder)?;
        let mut sites = BTreeMap::new();
        for component in self.project.application.components.iter().filter(|component| component.site.is_some()) {
            let files = files_in(&self.project.folder.join(frontend::DIRECTORY));
            let manifest = gather_site(&self.project, &component.name, &*files).await?;
            sites.insert(component.name.clone(), manifest.digest().clone());
        }
        Ok(sites)
    }
}

/// The commit of that release.
pub(super) fn commit(version: &Version) -> Result<CommitId, CliError> {
    let known = COMMITS.iter().find(|(known, _)| *known == version.to_string());
    let unknown = || CliError::Demonstration(vec![format!("there is no commit of {version}")]);
    known.and_then(|(_, commit)| commit.parse().ok()).ok_or_else(unknown)
}

/// A new folder that stays when the demonstration is over.
fn folder() -> Result<PathBuf, CliError> {
    let made = tempfile::Builder::new().prefix("towpath-demo-").tempdir();
    Ok(made.map_err(|source| CliError::Unwritable { path: std::env::temp_dir(), source })?.keep())
}
