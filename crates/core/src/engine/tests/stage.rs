//! One environment in memory: a service that serves 1.0.0, releases to bring, and the engine over sabotaged ports.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    config::{self, Application},
    engine::{Engine, EngineError, Interrupt, Notice, Observer, PromoteRequest, Report, Settings, World},
    fakes::{
        FakeBundles, FakeDocuments, FakeEcs, FakeIdentity, FakeScans, FakeSource, FakeVerifier, Outcome as Rollout,
        ScriptedProbe, VirtualClock,
    },
    identifier::{ComponentName, Digest, EnvironmentName, ImageReference, TaskDefinitionArn, Version},
    ledger::{Ledger, Record, Releases},
    policy::Trigger,
    ports::{Clock as _, SecretPresence, Services},
    promotion::Actor,
    release::NewRelease,
    rollout::{ServiceKey, ServiceSnapshot},
    task_definition::Document,
};

use super::{executor, sabotage::Ports};

pub(super) const CONFIGURATION: &str = r#"
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
consecutive = 1
interval = "5s"
deadline = "20s"
"#;

const REPOSITORY: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop";
const COMMIT: &str = "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f";
/// What the tasks are given in plain text: no output may hold it.
pub(super) const TOKEN: &str = "hush-hush-1";
const SECRET: &str = "arn:aws:secretsmanager:us-west-2:111111111111:secret:shop/database-AbCdEf";

/// What an observer saw.
#[derive(Default)]
pub(super) struct Watcher(Mutex<Vec<Notice>>);

impl Observer for Watcher {
    fn notice(&self, notice: Notice) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }
}

impl Watcher {
    /// All that was told, as it is for machines.
    pub(super) fn told(&self) -> String {
        let notices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        notices.iter().map(|notice| serde_json::to_string(notice).unwrap()).collect()
    }

    /// All that was told.
    pub(super) fn notices(&self) -> Vec<Notice> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The troubles that were told.
    pub(super) fn troubles(&self) -> Vec<String> {
        let notices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let trouble = |notice: &Notice| match notice {
            Notice::Trouble { message } => Some(message.clone()),
            Notice::Happened { .. }
            | Notice::Looked { .. }
            | Notice::Said { .. }
            | Notice::TaskFailed { .. }
            | Notice::Tried { .. }
            | Notice::Carried { .. } => None,
        };
        notices.iter().filter_map(trouble).collect()
    }
}

/// The environment, and what is needed to run the engine in it.
pub(super) struct Stage {
    pub(super) application: Application,
    pub(super) ports: Arc<Ports>,
    pub(super) probe: Arc<ScriptedProbe>,
    pub(super) world: World,
    pub(super) settings: Settings,
    pub(super) watcher: Watcher,
    pub(super) interrupt: Interrupt,
    /// The version that answers for a digest, where it is not the one that was built.
    pub(super) answers: Arc<Mutex<Vec<(Digest, Value)>>>,
}

pub(super) fn key(service: &str) -> ServiceKey {
    ServiceKey { cluster: "shop-dev".parse().unwrap(), service: service.parse().unwrap() }
}

pub(super) fn image(version: &str) -> ImageReference {
    ImageReference::new(REPOSITORY.parse().unwrap(), Digest::of(version.as_bytes()))
}

pub(super) fn td(short: &str) -> TaskDefinitionArn {
    format!("arn:aws:ecs:us-west-2:111111111111:task-definition/{short}").parse().unwrap()
}

pub(super) fn document(family: &str, version: &str) -> Document {
    let container = json!({
        "name": family, "image": image(version).as_str(), "memory": 128,
        "environment": [{ "name": "TOKEN", "value": TOKEN }],
        "secrets": [{ "name": "DATABASE", "valueFrom": SECRET }],
        "logConfiguration": { "logDriver": "awslogs", "options": {
            "awslogs-group": "/shop", "awslogs-region": "us-west-2", "awslogs-stream-prefix": "shop"
        } }
    });
    let document = json!({ "family": family, "containerDefinitions": [container] });
    Document::parse(&document.to_string(), "what serves").unwrap()
}

impl Stage {
    /// Two tasks of `api:1`, which is 1.0.0.
    pub(super) fn open() -> Self {
        Self::with(CONFIGURATION, &["api"])
    }

    /// The configured services, each with two tasks of 1.0.0.
    pub(super) fn with(configuration: &str, services: &[&str]) -> Self {
        let stage = Self::empty(config::parse(configuration, "towpath.toml").unwrap());
        let ports = &stage.ports;
        for service in services {
            let revision = ports.ecs.add_task_definition(document(service, "1.0.0")).unwrap();
            ports.ecs.add_service(&key(service), &revision, 2).unwrap();
        }
        ports.images.push(&image("1.0.0"));
        ports.clock.advance(Duration::from_hours(1));
        stage
    }

    /// Another stage that goes on as this one would: what was built and what has happened is the same there.
    pub(super) fn copied(&self) -> Self {
        let copy = Self::empty(self.application.clone());
        copy.ports.become_like(&self.ports);
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        *copy.answers.lock().unwrap_or_else(PoisonError::into_inner) = answers;
        copy
    }

    /// An environment without services.
    fn empty(application: Application) -> Self {
        let environment = &application.environments[0];
        let clock = VirtualClock::default();
        let ecs = FakeEcs::new(&clock, &environment.account, &environment.region);
        let child = (Digest::of(b"1.1.0"), Digest::of(b"child of 1.1.0"));
        let ports = Ports::new(clock.clone(), ecs, FakeIdentity::new(&environment.account), child);
        ports.secrets.put(&SECRET.parse().unwrap(), SecretPresence::Present);
        let answers = Arc::default();
        let probe = Arc::new(probe(Arc::clone(&ports), Arc::clone(&answers)));
        let world = World {
            services: Arc::clone(&ports) as _,
            task_definitions: Arc::clone(&ports) as _,
            images: Arc::clone(&ports) as _,
            scans: Arc::new(FakeScans::new()),
            bundles: Arc::new(FakeBundles::new()),
            verifier: Arc::new(FakeVerifier::new()),
            secrets: Arc::clone(&ports) as _,
            identity: Arc::clone(&ports) as _,
            targets: Arc::clone(&ports) as _,
            alarms: Arc::clone(&ports) as _,
            logs: Arc::clone(&ports) as _,
            store: Arc::clone(&ports) as _,
            probe: Arc::clone(&probe) as _,
            source: Arc::new(FakeSource::new(&COMMIT.parse().unwrap())),
            documents: Arc::new(FakeDocuments::new()),
            clock: Arc::new(clock),
            sites: None,
        };
        Self {
            application,
            ports,
            probe,
            world,
            settings: Settings::new("ada", "0.0.0"),
            watcher: Watcher::default(),
            interrupt: Interrupt::default(),
            answers,
        }
    }

    /// Builds a release whose rollout comes to this.
    pub(super) fn release(&self, version: &str, rollout: Rollout) {
        let components: Vec<&str> = vec!["api"];
        self.release_of(version, &components, rollout);
    }

    pub(super) fn release_of(&self, version: &str, components: &[&str], rollout: Rollout) {
        let image = image(version);
        if *image.digest() == self.ports.child.0 {
            self.ports.images.push_index(&image, std::slice::from_ref(&self.ports.child.1));
        } else {
            self.ports.images.push(&image);
        }
        self.ports.ecs.script(image.digest(), rollout);
        let images = components.iter().map(|name| (name.parse::<ComponentName>().unwrap(), image.clone())).collect();
        let release = NewRelease {
            app: self.application.app.clone(),
            version: version.parse().unwrap(),
            commit: COMMIT.parse().unwrap(),
            images,
            sites: [].into(),
        };
        let release = release.create(&self.application, self.now(), "ada").unwrap();
        let _created = executor::run(Releases::new(&self.ports.store).create(&release)).unwrap().unwrap();
    }

    /// What a version answers for ever, in place of its own name.
    pub(super) fn answers(&self, version: &str, body: Value) {
        let digest = image(version).digest().clone();
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push((digest, body));
    }

    pub(super) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(super) fn engine(&self) -> Engine<'_> {
        Engine {
            application: &self.application,
            environment: &self.application.environments[0],
            world: &self.world,
            settings: &self.settings,
            observer: &self.watcher,
            interrupt: &self.interrupt,
        }
    }

    pub(super) fn request(&self, id: &str) -> PromoteRequest {
        PromoteRequest {
            id: id.parse().unwrap(),
            trigger: Trigger::CommandLine,
            actor: Actor { name: "ada".to_owned(), run: None },
            requested_at: self.now(),
        }
    }

    pub(super) fn promote(&self, version: &str, id: &str) -> Result<Report, EngineError> {
        let version: Version = version.parse().unwrap();
        self.ports.label(id);
        self.run(self.engine().promote(&version, self.request(id)))
    }

    pub(super) fn resume(&self) -> Result<Report, EngineError> {
        self.run(self.engine().resume())
    }

    pub(super) fn restore(&self, id: &str) -> Result<Report, EngineError> {
        self.ports.label(id);
        self.run(self.engine().restore(None, self.request(id)))
    }

    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        executor::run(future).unwrap_or_else(|how| panic!("{how}, after {:?}", self.ports.calls().last()))
    }

    /// The ledger's records, read past the saboteur.
    pub(super) fn records(&self) -> Vec<Record> {
        let dev: EnvironmentName = "dev".parse().unwrap();
        executor::run(Ledger::new(&self.ports.store, &dev).records()).unwrap().unwrap()
    }

    /// The service as ECS shows it, asked past the saboteur.
    pub(super) fn snapshot(&self, service: &str) -> ServiceSnapshot {
        let services = [key(service)];
        executor::run(Services::describe(&self.ports.ecs, &services)).unwrap().unwrap().remove(0).unwrap()
    }

    /// The versions that the service's tasks run.
    pub(super) fn serves(&self, service: &str) -> Vec<String> {
        serves(&self.ports, service)
    }
}

/// Every running task definition's version, as its image's digest tells.
fn serves(ports: &Ports, service: &str) -> Vec<String> {
    let running = ports.ecs.serving(&key(service));
    running.iter().map(|arn| version_of(ports, arn)).collect()
}

fn version_of(ports: &Ports, arn: &TaskDefinitionArn) -> String {
    let revision = executor::run(async { crate::ports::TaskDefinitions::describe(&ports.ecs, arn).await });
    let revision = revision.unwrap().unwrap().unwrap();
    let image = revision.document.containers().next().unwrap().image().unwrap().to_owned();
    let known = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0"];
    known.into_iter().find(|version| image.ends_with(self::image(version).digest().as_str())).unwrap_or("?").to_owned()
}

/// Answers like the version that serves. While two serve, the old one answers.
fn probe(ports: Arc<Ports>, answers: Arc<Mutex<Vec<(Digest, Value)>>>) -> ScriptedProbe {
    ScriptedProbe::answering(move |check| {
        let service = if check.url.contains("worker") { "worker" } else { "api" };
        let Some(version) = serves(&ports, service).pop() else {
            return ScriptedProbe::refused();
        };
        let digest = image(&version).digest().clone();
        let scripted = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let body = scripted.iter().find(|(of, _)| *of == digest).map(|(_, body)| body.clone());
        ScriptedProbe::json(200, &body.unwrap_or_else(|| json!({ "version": version })))
    })
}
