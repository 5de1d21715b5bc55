//! Embeds the engine: one good release and one bad one, on the fakes, in no time at all.
//!
//! `cargo run -p towpath-core --features fakes --example embed`
//!
//! A real tool gives the same engine the ports of `towpath-aws` and `towpath-host`. It calls no AWS and writes no file.

use std::{error::Error, sync::Arc, time::Duration};

use towpath_core::{
    config::{self, Application},
    engine::{Engine, Interrupt, Notice, Observer, PromoteRequest, Report, Settings, World},
    fakes::{
        FakeBundles, FakeDocuments, FakeEcs, FakeEvidence, FakeIdentity, FakeImages, FakeScans, FakeSecrets,
        FakeSource, FakeVerifier, MemoryStore, Outcome, ScriptedProbe, VirtualClock,
    },
    identifier::{CommitId, ComponentName, Digest, EnvironmentName, ImageReference, Version},
    ledger::{Ledger, Releases},
    policy::Trigger,
    ports::Clock as _,
    promotion::Actor,
    release::NewRelease,
    rollout::ServiceKey,
    task_definition::Document,
};

const CONFIGURATION: &str = r#"
app = "shop"

[environments.dev]
account = "111111111111"
region = "us-west-2"
deploy-on = [{ command-line = true }]

[components.api]
kind = "service"
cluster = "shop-dev"
service = "api"

[[components.api.smoke]]
url = "https://api.dev.example.com/version"
json = { version = "{version}" }
"#;

const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop-api";
const COMMIT: &str = "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f";

/// The fakes, kept beside the [`World`] that shares them, so that they can be told things and asked.
struct Fakes {
    clock: VirtualClock,
    ecs: Arc<FakeEcs>,
    images: Arc<FakeImages>,
    store: Arc<MemoryStore>,
}

/// Prints the events as they are journaled.
struct Printing;

impl Observer for Printing {
    #[expect(clippy::print_stdout, reason = "an example talks to a person")]
    fn notice(&self, notice: Notice) {
        if let Notice::Happened { phase, event, .. } = notice {
            println!("  {:<16} {phase}", event.name());
        }
    }
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "an example talks to a person")]
async fn main() -> Result<(), Box<dyn Error>> {
    let application = config::parse(CONFIGURATION, "towpath.toml")?;
    let (world, fakes) = world(&application)?;

    // The new image becomes healthy, and the probe answers as it would.
    println!("1.1.0");
    create(&application, &fakes, "1.1.0").await?;
    let report = promote(&application, &world, "1.1.0").await?;
    println!("{}: {}\n", report.outcome, report.reason);

    // Of this one no task ever starts: the circuit breaker fires after two minutes, and ECS goes back.
    println!("1.2.0");
    let bad = create(&application, &fakes, "1.2.0").await?;
    fakes.ecs.script(&bad, Outcome::BreakerRollsBack { after: Duration::from_mins(2) });
    let report = promote(&application, &world, "1.2.0").await?;
    println!("{}: {}\n", report.outcome, report.reason);

    // What is kept for ever: three records, since the first promotion adopted what it found.
    let dev: EnvironmentName = "dev".parse()?;
    for record in Ledger::new(&*fakes.store, &dev).records().await? {
        let serves = record.components.values().find_map(|component| component.serves.as_ref());
        let serves = serves.map_or("nothing proven", |serving| serving.task_definition.short());
        println!("record {}: {}, serves {serves}", record.sequence, record.outcome);
    }
    Ok(())
}

/// One environment in memory: a service that runs version 1.0.0, and every port that an engine needs.
fn world(application: &Application) -> Result<(World, Fakes), Box<dyn Error>> {
    let clock = VirtualClock::default();
    let environment = &application.environments[0];
    let commit: CommitId = COMMIT.parse()?;
    let fakes = Fakes {
        ecs: Arc::new(FakeEcs::new(&clock, &environment.account, &environment.region)),
        images: Arc::new(FakeImages::new()),
        store: Arc::new(MemoryStore::new(&clock)),
        clock,
    };
    let document = serde_json::json!({
        "family": "api",
        "containerDefinitions": [{ "name": "api", "image": image("1.0.0")?.as_str(), "memory": 128 }]
    });
    let revision = fakes.ecs.add_task_definition(Document::parse(&document.to_string(), "what serves")?)?;
    let service = ServiceKey { cluster: "shop-dev".parse()?, service: "api".parse()? };
    fakes.ecs.add_service(&service, &revision, 2)?;
    fakes.images.push(&image("1.0.0")?);

    let answer = serde_json::json!({ "version": "1.1.0" });
    let world = World {
        services: Arc::clone(&fakes.ecs) as _,
        task_definitions: Arc::clone(&fakes.ecs) as _,
        images: Arc::clone(&fakes.images) as _,
        scans: Arc::new(FakeScans::new()),
        bundles: Arc::new(FakeBundles::new()),
        verifier: Arc::new(FakeVerifier::new()),
        secrets: Arc::new(FakeSecrets::new()),
        targets: Arc::new(FakeEvidence::new()),
        alarms: Arc::new(FakeEvidence::new()),
        logs: Arc::new(FakeEvidence::new()),
        identity: Arc::new(FakeIdentity::new(&environment.account)),
        store: Arc::clone(&fakes.store) as _,
        probe: Arc::new(ScriptedProbe::answering(move |_| ScriptedProbe::json(200, &answer))),
        source: Arc::new(FakeSource::new(&commit)),
        documents: Arc::new(FakeDocuments::new()),
        clock: Arc::new(fakes.clock.clone()),
        sites: None,
    };
    Ok((world, fakes))
}

/// An image whose digest is made up from its version.
fn image(version: &str) -> Result<ImageReference, Box<dyn Error>> {
    Ok(ImageReference::new(REPOSITORY.parse()?, Digest::of(version.as_bytes())))
}

/// Pushes an image and creates the release of it.
async fn create(application: &Application, fakes: &Fakes, version: &str) -> Result<Digest, Box<dyn Error>> {
    let image = image(version)?;
    fakes.images.push(&image);
    let component: ComponentName = "api".parse()?;
    let release = NewRelease {
        app: application.app.clone(),
        version: version.parse()?,
        commit: COMMIT.parse()?,
        images: [(component, image.clone())].into(),
        sites: [].into(),
    };
    let release = release.create(application, fakes.clock.now(), "embed")?;
    let _created = Releases::new(&*fakes.store).create(&release).await?;
    Ok(image.digest().clone())
}

/// Brings a release into the only environment.
async fn promote(application: &Application, world: &World, version: &str) -> Result<Report, Box<dyn Error>> {
    let engine = Engine {
        application,
        environment: &application.environments[0],
        world,
        settings: &Settings::new("embed", env!("CARGO_PKG_VERSION")),
        observer: &Printing,
        interrupt: &Interrupt::default(),
    };
    let request = PromoteRequest {
        id: format!("p-{version}").parse()?,
        trigger: Trigger::CommandLine,
        actor: Actor { name: "embed".to_owned(), run: None },
        requested_at: world.clock.now(),
    };
    let version: Version = version.parse()?;
    Ok(engine.promote(&version, request).await?)
}
