//! A stage: a simulated shop in three accounts, its configuration, and the engine's ports onto it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use towpath_aws::{AccessKeys, Aws, Limits, Patience, Settings as AwsSettings, Source as Credentials};
use towpath_core::{
    config::{self, Application, Environment},
    engine::{Engine, Interrupt, PromoteRequest, Report, Settings, Silent, World},
    fakes::{FakeDocuments, FakeSource, MemoryStore, VirtualClock},
    identifier::{CommitId, Digest, EnvironmentName, TaggedImage, Version},
    ledger::{Ledger, Record, Releases},
    policy::Trigger,
    ports::Store,
    promotion::Actor,
    release::Release,
};
use towpath_host::{BundleVerifier, HttpProbe};
use towpath_sim::{Options, Pace, Simulator, calls::Call, scenario::Scenario};

use crate::{SimulatedClock, agenda::Agenda};

/// The shop: version 1.0.0 serves everywhere, 1.1.0 is good, 1.2.0 answers `/version` with 500 in production.
pub const SCENARIO: &str = include_str!("../../examples/scenarios/shop.toml");

/// The commits of the shop's versions.
pub const COMMITS: [(&str, &str); 3] = [
    ("1.0.0", "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f"),
    ("1.1.0", "b82e60d915c7f3a4de20981b6c5f47a3081e9d6c"),
    ("1.2.0", "d07f3b9c5e1a846203cb7fd85e92a16b4c0738ef"),
];

/// The secret access key that the stage signs with: no output may hold it.
pub const SECRET_KEY: &str = "key-hush-hush";

/// Where the shop's images are.
pub const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";

const CONFIGURATION: &str = r#"
app = "shop"

[environments.dev]
account = "111111111111"
region = "us-west-2"
role = "arn:aws:iam::111111111111:role/shop-deployer"
deploy-on = [{ command-line = true }]

[environments.staging]
account = "222222222222"
region = "us-west-2"
role = "arn:aws:iam::222222222222:role/shop-deployer"
after = ["dev"]
deploy-on = [{ command-line = true }]

[environments.production]
account = "333333333333"
region = "us-west-2"
role = "arn:aws:iam::333333333333:role/shop-deployer"
after = ["staging"]
deploy-on = [{ command-line = true }]

[components.api]
kind = "service"
image = { repository = "shop-api" }
cluster = "shop-{environment}"
service = "shop-api-{environment}"
container = "api"

[[components.api.smoke]]
url = "ENDPOINT/_serve/{account}/us-west-2/shop-{environment}/shop-api-{environment}/version"
json = { version = "{version}", git_sha = "{commit}" }
deadline = "20s"
"#;

/// A simulated shop with everything that a promotion needs.
#[expect(missing_debug_implementations, reason = "ports have none")]
pub struct Stage {
    /// The simulator, its time stepped.
    pub simulator: Arc<Simulator>,
    /// The configuration.
    pub application: Application,
    /// Ledger, leases, journals and releases.
    pub store: Arc<dyn Store>,
    /// The objects behind that store, to be looked at.
    pub memory: Arc<MemoryStore>,
    /// The repository's files.
    pub documents: Arc<FakeDocuments>,
    /// What others do while a run waits.
    pub agenda: Arc<Agenda>,
    ledger_clock: VirtualClock,
    /// How the engine works.
    pub settings: Settings,
    /// How patient the AWS adapters are.
    pub patience: Patience,
    /// Where the AWS adapters find the simulator, if not where it is.
    pub endpoint: Option<String>,
    /// How much of a site's file goes into one request, if not as much as AWS takes.
    pub limits: Option<Limits>,
}

impl Stage {
    /// The shop as it is.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn open() -> Result<Self> {
        Self::with(SCENARIO, CONFIGURATION).await
    }

    /// The shop with changed texts.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn with(scenario: &str, configuration: &str) -> Result<Self> {
        Self::of(Scenario::from_toml(scenario, "shop.toml")?, configuration).await
    }

    /// The world of that scenario with that configuration, in which `ENDPOINT` stands for the simulator, and `EDGE` for
    /// where its first distribution listens, `EDGE2` for the second.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub async fn of(scenario: Scenario, configuration: &str) -> Result<Self> {
        let listen: SocketAddr = ([127, 0, 0, 1], 0).into();
        let options = Options { listen, scenario, pace: Pace::Stepped, state: None };
        let simulator = Arc::new(Simulator::start(options).await?);
        let text = configuration.replace("ENDPOINT", &simulator.endpoint());
        let text = simulator.edges().iter().enumerate().rev().fold(text, |text, (at, (_, address))| {
            let name = if at == 0 { "EDGE".to_owned() } else { format!("EDGE{}", at + 1) };
            text.replace(&name, &address.to_string())
        });
        let application = config::parse(&text, "towpath.toml").map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
        let clock = VirtualClock::at(simulator.now());
        let memory = Arc::new(MemoryStore::new(&clock));
        let stage = Self {
            simulator,
            application,
            store: Arc::<MemoryStore>::clone(&memory),
            memory,
            documents: Arc::default(),
            agenda: Arc::default(),
            ledger_clock: clock,
            settings: Settings::new("tests", "0.1.0"),
            patience: Patience { first_pause: Duration::from_millis(5), ..Patience::default() },
            endpoint: None,
            limits: None,
        };
        stage.create_releases().await?;
        Ok(stage)
    }

    /// Creates the releases of the scenario's images, their tags resolved to digests as a person's would be.
    async fn create_releases(&self) -> Result<()> {
        let world = self.world(self.environment("dev")?).await?;
        for (version, _) in COMMITS {
            let mut images = Vec::new();
            for component in self.application.components.iter().filter(|component| component.site.is_none()) {
                let repository = REPOSITORY.replace("-api", &format!("-{}", component.name));
                let image = TaggedImage { repository: repository.parse()?, tag: version.parse()? };
                let digest = world.images.resolve(&image).await?;
                images.extend(digest.map(|digest| (component.name.to_string(), format!("{repository}@{digest}"))));
            }
            if images.is_empty() {
                continue;
            }
            let _created = Releases::new(&*self.store).create(&release_of(version, &images)?).await?;
        }
        self.simulator.clear_calls();
        Ok(())
    }

    /// The configuration that [`Stage::open`] uses, to be changed by a test.
    pub fn configuration() -> &'static str {
        CONFIGURATION
    }

    /// The environment of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn environment(&self, name: &str) -> Result<&Environment> {
        let name: EnvironmentName = name.parse()?;
        self.application.environment(&name).context("no such environment")
    }

    /// The ports of that environment, over real HTTP.
    ///
    /// # Errors
    /// When the adapters cannot be made.
    pub async fn world(&self, environment: &Environment) -> Result<World> {
        let mut settings = AwsSettings::new(environment.region.clone(), environment.account.clone());
        settings.role.clone_from(&environment.role);
        settings.endpoint = Some(self.endpoint.clone().unwrap_or_else(|| self.simulator.endpoint()));
        settings.source = Credentials::Keys(AccessKeys::new("AKIASIM000000000000", SECRET_KEY, None));
        settings.patience = self.patience.clone();
        let aws = Aws::connect(settings).await?;
        let commits: Vec<CommitId> = COMMITS.iter().map(|(_, commit)| commit.parse()).collect::<Result<_, _>>()?;
        let source = FakeSource::new(&commits[0]);
        source.branch(&"main".parse()?, &commits);
        Ok(World {
            services: Arc::new(aws.services()),
            task_definitions: Arc::new(aws.task_definitions()),
            images: Arc::new(aws.images()),
            scans: Arc::new(aws.scans()),
            bundles: Arc::new(aws.bundles()),
            verifier: Arc::new(BundleVerifier::new()),
            secrets: Arc::new(aws.secrets()),
            identity: Arc::new(aws.identity()),
            targets: Arc::new(aws.targets()),
            alarms: Arc::new(aws.alarms()),
            logs: Arc::new(aws.logs()),
            store: Arc::clone(&self.store),
            probe: Arc::new(HttpProbe::direct()),
            source: Arc::new(source),
            documents: Arc::<FakeDocuments>::clone(&self.documents),
            clock: Arc::new(self.clock()),
            sites: Some(crate::scenario::site_ports(&aws, &self.application, self.limits)),
        })
    }

    /// The time of this world.
    pub fn clock(&self) -> SimulatedClock {
        let (simulator, agenda) = (Arc::clone(&self.simulator), Arc::clone(&self.agenda));
        SimulatedClock { simulator, agenda, ledger: self.ledger_clock.clone() }
    }

    /// Brings a version into an environment.
    ///
    /// # Errors
    /// When the run does not come to a report.
    pub async fn promote(&self, environment: &str, version: &str) -> Result<Report> {
        self.promote_as(environment, version, &format!("p-{environment}-{version}")).await
    }

    /// Brings a version into an environment, under this id.
    ///
    /// # Errors
    /// When the run does not come to a report.
    pub async fn promote_as(&self, environment: &str, version: &str, id: &str) -> Result<Report> {
        let version: Version = version.parse()?;
        let environment = self.environment(environment)?;
        let world = self.world(environment).await?;
        Ok(self.engine(environment, &world).promote(&version, self.request(id)?).await?)
    }

    /// The engine of that environment.
    pub fn engine<'a>(&'a self, environment: &'a Environment, world: &'a World) -> Engine<'a> {
        static NEVER: std::sync::LazyLock<Interrupt> = std::sync::LazyLock::new(Interrupt::default);
        Engine {
            application: &self.application,
            environment,
            world,
            settings: &self.settings,
            observer: &Silent,
            interrupt: &NEVER,
        }
    }

    /// A request by a person at the command line.
    ///
    /// # Errors
    /// When the id is malformed.
    pub fn request(&self, id: &str) -> Result<PromoteRequest> {
        Ok(PromoteRequest {
            id: id.parse()?,
            trigger: Trigger::CommandLine,
            actor: Actor { name: "ada".to_owned(), run: None },
            requested_at: self.simulator.now(),
        })
    }

    /// The records of an environment, the chain verified.
    ///
    /// # Errors
    /// When the ledger is damaged.
    pub async fn records(&self, environment: &str) -> Result<Vec<Record>> {
        let name: EnvironmentName = environment.parse()?;
        Ok(Ledger::new(&*self.store, &name).records().await?)
    }

    /// The calls of that operation that the simulator accepted.
    pub fn accepted(&self, operation: &str) -> Vec<Call> {
        let calls = self.simulator.calls();
        calls.into_iter().filter(|call| call.operation == operation && call.accepted).collect()
    }

    /// What the service answers under a path, through its load balancer.
    ///
    /// # Errors
    /// When nothing answers.
    pub async fn serves(&self, environment: &str, path: &str) -> Result<(u16, String)> {
        let account = &self.environment(environment)?.account;
        let endpoint = self.simulator.endpoint();
        let url = format!("{endpoint}/_serve/{account}/us-west-2/shop-{environment}/shop-api-{environment}{path}");
        let answer = reqwest::get(url).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

/// The shop's release of that version with the image of that digest.
///
/// # Errors
/// When there is no such version.
pub fn release(version: &str, digest: &Digest) -> Result<Release> {
    release_of(version, &[("api".to_owned(), format!("{REPOSITORY}@{digest}"))])
}

/// The shop's release of that version with these images, by component.
fn release_of(version: &str, images: &[(String, String)]) -> Result<Release> {
    let commit = COMMITS.iter().find(|(known, _)| *known == version).context("no such version")?.1;
    let artifacts: serde_json::Map<_, _> =
        images.iter().map(|(component, image)| (component.clone(), serde_json::json!({ "image": image }))).collect();
    let text = serde_json::json!({
        "schema": 1, "app": "shop", "version": version, "commit": commit, "artifacts": artifacts,
        "created_at": "2026-03-01T00:00:00Z", "created_by": "tests"
    });
    Ok(Release::from_json(&serde_json::to_vec(&text)?)?)
}
