//! A fleet in one run: a promotion of very many services against an ECS that throttles as AWS does, and what asking for
//! each service by itself takes over the same rollouts.
//!
//! `TOWPATH_FLEET` says how many services there are: 120 where it says nothing, 500 in `cargo xtask bench fleet`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use towpath_aws::{AccessKeys, Aws, Budget, Settings as AwsSettings, Share, Source as Credentials};
use towpath_core::{
    config,
    engine::{Engine, Interrupt, PromoteRequest, Report, Settings, Silent, World},
    fakes::{FakeDocuments, FakeSource, MemoryStore},
    identifier::TaggedImage,
    ledger::Releases,
    policy::Trigger,
    ports::Clock as _,
    promotion::{Actor, Outcome},
};
use towpath_host::{BundleVerifier, HttpProbe};
use towpath_sim::{Options, Pace, Simulator, calls::Call};

use crate::{
    clock::{FleetClock, between},
    naive,
    shop::{COMMIT, REPOSITORY, configuration, release, scenario},
};

/// How often a service is asked for that is asked for by itself.
const EVERY: Duration = Duration::from_secs(6);

/// What came of a promotion of so many services.
struct Fleet {
    calls: Vec<Call>,
    began: Timestamp,
    ended: Timestamp,
    waited: Duration,
    report: Report,
}

pub(crate) async fn simulator(services: usize, throttle: bool) -> Arc<Simulator> {
    let listen = ([127, 0, 0, 1], 0).into();
    let options = Options { listen, scenario: scenario(services, throttle), pace: Pace::Stepped, state: None };
    Arc::new(Simulator::start(options).await.unwrap())
}

pub(crate) async fn connect(simulator: &Simulator, budget: Option<Budget>) -> Aws {
    let mut settings = AwsSettings::new("us-west-2".parse().unwrap(), "111111111111".parse().unwrap());
    settings.endpoint = Some(simulator.endpoint());
    settings.source = Credentials::Keys(AccessKeys::new("AKIASIM0111111111111", "simulated", None));
    settings.budget = budget;
    Aws::connect(settings).await.unwrap()
}

fn world(aws: &Aws, store: MemoryStore, clock: Arc<FleetClock>) -> World {
    let commit = COMMIT.parse().unwrap();
    let source = FakeSource::new(&commit);
    source.branch(&"main".parse().unwrap(), &[commit]);
    World {
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
        store: Arc::new(store),
        probe: Arc::new(HttpProbe::direct()),
        source: Arc::new(source),
        documents: Arc::new(FakeDocuments::default()),
        clock,
        sites: None,
    }
}

async fn promote(services: usize) -> Fleet {
    let simulator = simulator(services, true).await;
    let clock = Arc::new(FleetClock::of(&simulator));
    let budget = Budget::new(Share::default(), Arc::<FleetClock>::clone(&clock));
    clock.wait_for(budget.clone());
    let aws = connect(&simulator, Some(budget.clone())).await;
    let world = world(&aws, MemoryStore::new(&clock.ledger), Arc::clone(&clock));
    let image = TaggedImage { repository: REPOSITORY.parse().unwrap(), tag: "1.1.0".parse().unwrap() };
    let digest = world.images.resolve(&image).await.unwrap().unwrap();
    let _created = Releases::new(&*world.store).create(&release(services, &digest.to_string())).await.unwrap();
    let application = config::parse(&configuration(services), "towpath.toml").unwrap();
    let environment = application.environment(&"dev".parse().unwrap()).unwrap();
    let (settings, never) = (Settings::new("tests", "0.1.0"), Interrupt::default());
    let (application, world, settings, interrupt) = (&application, &world, &settings, &never);
    let engine = Engine { application, environment, world, settings, observer: &Silent, interrupt };
    let began = clock.now();
    let request = PromoteRequest {
        id: "p-fleet".parse().unwrap(),
        trigger: Trigger::CommandLine,
        actor: Actor { name: "ada".to_owned(), run: None },
        requested_at: began,
    };
    let report = engine.promote(&"1.1.0".parse().unwrap(), request).await.unwrap();
    let waited = budget.uses().iter().map(|used| used.waited).sum();
    Fleet { calls: clock.calls(), began, ended: clock.now(), waited, report }
}

/// When each service was updated, counted from the first.
fn updates(calls: &[Call]) -> Vec<(Duration, String)> {
    let updates = calls.iter().filter(|call| call.operation == "UpdateService" && call.accepted);
    let updates: Vec<(Timestamp, String)> =
        updates.map(|call| (call.time, call.input["service"].as_str().unwrap().to_owned())).collect();
    let first = updates.iter().map(|(at, _)| *at).min().unwrap();
    updates.into_iter().map(|(at, service)| (between(first, at), service)).collect()
}

fn counted<'a>(calls: impl Iterator<Item = &'a Call>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.clone()).or_default() += 1;
    }
    counts
}

/// Nothing was throttled, all succeeded, and waiting took at most a quarter of what asking for each service takes.
async fn check(services: usize) {
    let Fleet { calls, began, ended, waited, report } = promote(services).await;
    let first = calls.iter().find(|call| call.operation == "UpdateService").unwrap().sequence;
    let counts = counted(calls.iter());
    let watching: usize = ["DescribeServices", "ListServiceDeployments", "DescribeServiceDeployments"]
        .iter()
        .map(|operation| calls.iter().filter(|call| call.sequence > first && call.operation == *operation).count())
        .sum();
    let one_by_one = naive::poll(services, updates(&calls), EVERY).await;
    let figures = format!(
        "{services} services in {} s, which waited {} s for the budget: {counts:?}; {watching} calls that watch in \
         place of {one_by_one} that ask for each service every {} s",
        between(began, ended).as_secs(),
        waited.as_secs(),
        EVERY.as_secs()
    );
    eprintln!("{figures}");
    // That a repository has no lifecycle policy is an answer, which ECR gives as an error.
    let asked = |operation: &str| operation == "GetLifecyclePolicy";
    let refused: Vec<_> = calls
        .iter()
        .filter(|call| !call.accepted && !asked(&call.operation))
        .map(|call| (&call.operation, &call.error))
        .collect();
    assert_eq!(refused, [], "{figures}");
    assert_eq!(report.outcome, Outcome::Succeeded, "{figures}: {}", report.reason);
    for changed in ["RegisterTaskDefinition", "UpdateService"] {
        assert_eq!(counts.get(changed), Some(&services), "{figures}");
    }
    assert!(watching * 4 <= one_by_one, "{figures}");
}

#[tokio::test]
async fn a_fleet_in_one_run_throttles_nobody_at_a_quarter_of_the_calls() {
    let services = std::env::var("TOWPATH_FLEET").map_or(120, |services| services.parse().unwrap());
    check(services).await;
}
