//! Building against fakes: the order of things, and what is left where a run is cut off.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    build::{BuildPlan, Checkout},
    config::{Application, parse},
    fakes::{FakeBuilder, FakeImages, FakeScanner, FakeScans, MemoryStore, Mishap, VirtualClock},
    identifier::{ComponentName, Digest, ImageReference, Repository, TagName},
    ledger::Releases,
    ports::{BuildError, BuildOutput, Fault, PublishError},
    release::Attestation,
};

use super::{BuildFailure, BuildNotice, BuildObserver, BuildReport, Given, Workshop};

mod scans;

const CONFIGURATION: &str = r#"
app = "shop"
[environments.dev]
account = "111111111111"
region = "us-west-2"
[components.web]
kind = "service"
cluster = "shop"
service = "web"
image = { repository = "shop", context = ".", tags = ["{sha7}", "{version}"], moving-tags = ["{branch}-latest"] }
[components.worker]
kind = "service"
cluster = "shop"
service = "worker"
image = { repository = "shop", context = ".", tags = ["{sha7}-worker"], moving-tags = ["{branch}-worker-latest"] }
"#;

const FIRST: &str = "0af1c9d28e7b3a64f51d0c8b9e2a7f6430d1c5b8";

/// A workshop on fakes.
struct Stage {
    application: Application,
    images: Arc<FakeImages>,
    builder: Arc<FakeBuilder>,
    scanner: Arc<FakeScanner>,
    scans: Arc<FakeScans>,
    store: Arc<MemoryStore>,
    workshop: Workshop,
    told: Told,
}

#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl BuildOutput for Told {
    fn line(&self, component: &ComponentName, line: &str) {
        assert!(["building", "scanning"].contains(&line), "{component}: {line}");
    }
}

impl BuildObserver for Told {
    fn notice(&self, notice: &BuildNotice) {
        let said = match notice {
            BuildNotice::Building { component, .. } => format!("building {component}"),
            BuildNotice::Built { component, .. } => format!("built {component}"),
            BuildNotice::Candidate { component, .. } => format!("candidate {component}"),
            BuildNotice::Scanning { component, .. } => format!("scanning {component}"),
            BuildNotice::Scanned { component, reason } => format!("{component}: {reason}"),
            BuildNotice::Admitted => "admitted".to_owned(),
            BuildNotice::ReleaseThere { version } => format!("release {version} is there"),
            BuildNotice::ReleaseCreated { version } => format!("release {version}"),
            BuildNotice::Tagged { tag, .. } => format!("{} {}", tag.tag, tag.became),
        };
        self.0.lock().unwrap().push(said);
    }
}

impl Stage {
    fn new() -> Self {
        Self::of(CONFIGURATION)
    }

    fn of(configuration: &str) -> Self {
        let (scanner, scans) = (Arc::new(FakeScanner::new()), Arc::new(FakeScans::new()));
        let (clock, images) = (VirtualClock::at("2026-03-02T12:00:00Z".parse().unwrap()), Arc::new(FakeImages::new()));
        let (builder, store) = (Arc::new(FakeBuilder::new(&images)), Arc::new(MemoryStore::new(&clock)));
        images.create(&repository());
        builder.prepare(&name("web"), b"web", Vec::new());
        builder.prepare(&name("worker"), b"worker", Vec::new());
        let workshop = Workshop {
            builder: Arc::<FakeBuilder>::clone(&builder),
            images: Arc::<FakeImages>::clone(&images),
            scans: Arc::<FakeScans>::clone(&scans),
            scanner: Some(Arc::<FakeScanner>::clone(&scanner)),
            store: Arc::<MemoryStore>::clone(&store),
            clock: Arc::new(clock),
            call_deadline: Duration::from_mins(1),
        };
        let application = parse(configuration, "towpath.toml").unwrap();
        Self { application, images, builder, scanner, scans, store, workshop, told: Told::default() }
    }

    async fn build(&self, version: &str, commit: &str) -> Result<BuildReport, BuildFailure> {
        let checkout = Checkout {
            version: version.parse().unwrap(),
            commit: commit.parse().unwrap(),
            committed_at: "2026-03-02T12:00:00Z".parse().unwrap(),
            branch: Some("main".parse().unwrap()),
            source: None,
        };
        let plan = BuildPlan::new(&self.application, checkout, &BTreeSet::new()).unwrap();
        self.workshop.build(&self.application, &plan, Given::default(), "ci", &self.told).await
    }

    async fn first(&self) -> Result<BuildReport, BuildFailure> {
        self.build("1.4.0", FIRST).await
    }

    fn tag(&self, tag: &str) -> Option<Digest> {
        self.images.tagged(&repository(), &tag.parse::<TagName>().unwrap())
    }

    fn no_tag_is_set(&self) {
        for tag in ["0af1c9d", "1.4.0", "0af1c9d-worker", "main-latest", "main-worker-latest"] {
            assert_eq!(self.tag(tag), None, "{tag}");
        }
    }

    async fn releases(&self) -> usize {
        Releases::new(&*self.store).all().await.unwrap().len()
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.0.lock().unwrap())
    }
}

fn name(text: &str) -> ComponentName {
    text.parse().unwrap()
}

fn repository() -> Repository {
    "111111111111.dkr.ecr.us-west-2.amazonaws.com/shop".parse().unwrap()
}

fn image(bytes: &[u8]) -> ImageReference {
    ImageReference::new(repository(), Digest::of(bytes))
}

#[tokio::test]
async fn the_tags_come_after_everything_and_those_that_move_come_last() {
    let stage = Stage::new();
    let report = stage.first().await.unwrap();
    assert_eq!(report.release.image(&name("web")), Some(&image(b"web")));
    let told = stage.told();
    let from = told.iter().position(|said| said == "admitted").unwrap();
    let expected = [
        "admitted",
        "release 1.4.0",
        "0af1c9d set",
        "1.4.0 set",
        "0af1c9d-worker set",
        "main-latest set",
        "main-worker-latest set",
    ];
    assert_eq!(told[from..], expected);
    assert!(["candidate web", "candidate worker"].iter().all(|said| told[..from].iter().any(|told| told == said)));
}

#[tokio::test]
async fn one_component_that_is_not_built_keeps_all_from_their_tags() {
    let stage = Stage::new();
    let (component, tail) = (name("worker"), vec!["error: no".to_owned()]);
    stage.builder.fail(BuildError::StorageFull { component, tail });
    let error = stage.first().await.unwrap_err();
    assert!(matches!(error, BuildFailure::Build(BuildError::StorageFull { .. })), "{error}");
    stage.no_tag_is_set();
    assert_eq!(stage.releases().await, 0);
    assert!(!stage.first().await.unwrap().was_there, "a re-run continues");
}

#[tokio::test]
async fn an_image_that_does_not_arrive_gets_no_tag() {
    let stage = Stage::new();
    stage.images.refuse(PublishError::NoRepository(repository()));
    assert!(matches!(stage.first().await, Err(BuildFailure::Publish { .. })));
    stage.no_tag_is_set();
    assert_eq!(stage.releases().await, 0);
}

#[tokio::test]
async fn nothing_gets_a_tag_where_the_registry_asks_to_slow_down_and_a_re_run_goes_on() {
    let stage = Stage::new();
    stage.images.next(Mishap::NotCarriedOut(Fault::Throttled));
    let error = stage.first().await.unwrap_err();
    assert!(matches!(error, BuildFailure::Publish { .. } | BuildFailure::Registry { .. }), "{error}");
    stage.no_tag_is_set();
    assert_eq!(stage.releases().await, 0);
    assert!(stage.first().await.is_ok());
}

#[tokio::test]
async fn a_tag_on_another_image_is_refused_with_both_digests_before_any_tag_is_set() {
    let stage = Stage::new();
    stage.images.push(&image(b"other"));
    stage.images.set_tag(&image(b"other"), &"0af1c9d-worker".parse().unwrap());
    let error = stage.first().await.unwrap_err();
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains(Digest::of(b"other").as_str()) && said.contains(Digest::of(b"worker").as_str()), "{said}");
    assert_eq!((stage.tag("0af1c9d"), stage.tag("main-latest"), stage.releases().await), (None, None, 0));
}

#[tokio::test]
async fn a_tag_on_the_same_image_is_success_and_a_moving_one_moves() {
    let stage = Stage::new();
    stage.images.push(&image(b"web"));
    stage.images.set_tag(&image(b"web"), &"1.4.0".parse().unwrap());
    stage.images.push(&image(b"old"));
    stage.images.set_tag(&image(b"old"), &"main-latest".parse().unwrap());
    let report = stage.first().await.unwrap();
    let tags: Vec<String> =
        report.components[&name("web")].tags.iter().map(|tag| format!("{} {}", tag.tag, tag.became)).collect();
    assert_eq!(tags, ["0af1c9d set", "1.4.0 there", "main-latest moved"]);
    assert_eq!(stage.tag("main-latest"), Some(Digest::of(b"web")));
}

#[tokio::test]
async fn what_was_released_is_not_built_again_and_missing_tags_are_set() {
    let stage = Stage::new();
    let first = stage.first().await.unwrap();
    stage.told();
    // Were it built again, it would be other bytes.
    stage.builder.prepare(&name("web"), b"another web", Vec::new());
    let again = stage.first().await.unwrap();
    assert_eq!((again.was_there, &again.release), (true, &first.release));
    assert_eq!(stage.builder.built().len(), 2);
    assert_eq!(stage.told()[..2], ["release 1.4.0 is there", "0af1c9d there"]);
}

#[tokio::test]
async fn a_run_that_was_cut_off_between_release_and_tags_goes_on() {
    let stage = Stage::new();
    let _first = stage.first().await.unwrap();
    let cut = Stage::new();
    // The release and the images are there, and no tag is.
    for bytes in [b"web".as_slice(), b"worker"] {
        cut.images.push(&image(bytes));
    }
    let release = Releases::new(&*stage.store).get(&"1.4.0".parse().unwrap()).await.unwrap();
    let _created = Releases::new(&*cut.store).create(&release).await.unwrap();
    assert!(cut.first().await.unwrap().was_there);
    assert_eq!(cut.tag("main-latest"), Some(Digest::of(b"web")));
    assert!(cut.builder.built().is_empty());
}

#[tokio::test]
async fn a_version_is_of_one_commit() {
    let stage = Stage::new();
    let _first = stage.first().await.unwrap();
    let other = "1".repeat(40);
    let error = stage.build("1.4.0", &other).await.unwrap_err().to_string();
    assert_eq!(error, "release 1.4.0 is of commit 0af1c9d, and this is 1111111");
}

#[tokio::test]
async fn a_release_names_what_its_builder_attests() {
    let stage = Stage::new();
    let attestation = Attestation {
        predicate: "https://slsa.dev/provenance/v1".parse().unwrap(),
        subject: Digest::of(b"image"),
        manifest: Digest::of(b"attestation"),
    };
    stage.builder.prepare(&name("web"), b"web", vec![attestation.clone()]);
    let release = stage.first().await.unwrap().release;
    assert_eq!(release.attestations, BTreeMap::from([(name("web"), vec![attestation])]));
    assert_eq!(release.schema, 2);
}

#[tokio::test]
async fn a_moving_tag_that_cannot_move_leaves_a_release_and_says_so() {
    let stage = Stage::new();
    stage.images.push(&image(b"old"));
    stage.images.set_tag(&image(b"old"), &"main-latest".parse().unwrap());
    stage.images.fix_tags(&repository());
    let error = stage.first().await.unwrap_err();
    assert!(matches!(error, BuildFailure::NotTagged { .. }), "{error}");
    assert_eq!((stage.releases().await, stage.tag("main-latest")), (1, Some(Digest::of(b"old"))));
    assert_eq!(stage.tag("0af1c9d"), Some(Digest::of(b"web")));
}
