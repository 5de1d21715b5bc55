//! The stage of each story: what is configured, what the release has, and what has happened before.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::{
    engine::{Engine, EngineError, Report},
    fakes::{Moment, Outcome as Rollout},
    promotion::Outcome,
    smoke::{Answer, Attempt},
};

use super::{
    super::super::{
        executor,
        sabotage::{Guesses, Lasts, Place, Sabotage, Said, Wrong},
        sites::{SiteStage, bucket, film, web},
        stage::CONFIGURATION,
    },
    story::{NEW, OLD, Story},
};

/// What stands for a guess about AWS, or for what the adapters are free to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Knobs {
    pub(super) waves: Guesses,
    /// Whether CloudFront's edges have forgotten once the answer comes.
    pub(super) forgets_at_once: bool,
}

impl Knobs {
    pub(super) const USUAL: Self =
        Self { waves: Guesses { in_order: false, all_under_way: false }, forgets_at_once: false };
    /// Both settings of each.
    pub(super) const ALL: [Self; 2] =
        [Self::USUAL, Self { waves: Guesses { in_order: true, all_under_way: true }, forgets_at_once: true }];
}

const WEB: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
runtime = { path = "config.json", values = { release = "{version}" } }

[environments.dev.components.web]
distribution = "EFAKE"
"#;
const STAGING: &str = r#"
[environments.staging]
account = "111111111111"
region = "us-west-2"
deploy-on = [{ command-line = true }]
"#;
/// Where the marker is.
const MARKER: &str = ".towpath/site.json";
/// The files that visitors ask for, in turns with what is written.
const VISITED: [&str; 5] = ["", "about.html", "help.html", "robots.txt", "config.json"];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn script(version: &str) -> String {
    format!("assets/app-{}aaaaa.js", version.replace('.', ""))
}

/// The files of a version.
pub(super) fn build(story: Story, version: &str) -> BTreeMap<String, String> {
    let script = script(version);
    let page = |name: &str| format!("<html><script src=\"/{script}\"></script>{name} {version}");
    let mut files = BTreeMap::from([
        ("index.html".to_owned(), page("index")),
        ("about.html".to_owned(), page("about")),
        ("help.html".to_owned(), page("help")),
        ("robots.txt".to_owned(), format!("User-agent: {version}")),
        ("assets/logo-0a1b2c3d.svg".to_owned(), "<svg>".to_owned()),
        (script, format!("console.log('{version}')")),
    ]);
    if story == Story::Large {
        files.insert("film.bin".to_owned(), film(version));
    }
    files
}

impl Story {
    fn configuration(self) -> String {
        let web = WEB.replace(if self.is_asked() { "\0" } else { "distribution = \"EFAKE\"\n" }, "");
        let staging = if self == Self::Elsewhere { STAGING } else { "" };
        let services = CONFIGURATION.replace("shop-dev", "shop-{environment}");
        format!("{services}{web}{staging}")
    }

    /// The settings that it is told with. They are about waves and invalidations alone, and one story has all of
    /// these.
    pub(super) fn knobs(self) -> &'static [Knobs] {
        if self == Self::Next { &Knobs::ALL } else { &Knobs::ALL[..1] }
    }

    /// A known limit: who cannot read the marker does not know that a large file is about to be overwritten, and does
    /// not keep it.
    pub(super) fn is_blind_to(self, sabotage: &Sabotage) -> bool {
        self == Self::Large && sabotage.wrong == Wrong::Said(Said::Garbled)
    }

    /// What has happened before. It is the same for every run, and is told once.
    pub(super) fn past(self, knobs: Knobs) -> SiteStage {
        let mut stage = SiteStage::with(&self.configuration());
        if !self.has_service() {
            stage.clear_services();
        }
        stage.saboteur.guess(knobs.waves);
        if knobs.forgets_at_once {
            stage.edge.forget_at_once();
        }
        if self == Self::Cleans {
            stage.keep("1");
            self.is_live(&mut stage, "0.9.0", "p-a");
        }
        if !self.is_first() {
            self.is_live(&mut stage, OLD, "p-0");
        }
        self.brings(&mut stage);
        stage.stage.ports.sabotage(None);
        stage
    }

    /// The stage just before the run that is sabotaged.
    pub(super) fn stage(self, knobs: Knobs, past: &SiteStage) -> SiteStage {
        let stage = past.copied();
        stage.saboteur.guess(knobs.waves);
        self.hides_script(&stage);
        if self == Self::Superseded {
            somebody_publishes_meanwhile(&stage);
        }
        let known = VISITED.into_iter().map(str::to_owned);
        stage.saboteur.visited(known.chain([script(OLD), script(NEW)]));
        stage
    }

    fn is_live(self, stage: &mut SiteStage, version: &str, id: &str) {
        stage.release_of(version, &build(self, version), Rollout::Succeeds { after: seconds(4) });
        let report = stage.promote(version, id);
        assert!(matches!(report.outcome, Outcome::Succeeded | Outcome::Unverified), "{}", report.reason);
        stage.stage.ports.clock.advance(Duration::from_mins(5));
    }

    /// The release, and what only this story needs.
    fn brings(self, stage: &mut SiteStage) {
        let after = seconds(4);
        let is_taken_back = self == Self::ServiceFails;
        let rollout = if is_taken_back { Rollout::BreakerRollsBack { after } } else { Rollout::Succeeds { after } };
        stage.release_of(NEW, &build(self, NEW), rollout);
        self.hides_script(stage);
        match self {
            Self::Restores => {
                let report = stage.promote(NEW, "p-n");
                assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
                stage.stage.ports.clock.advance(Duration::from_mins(5));
            }
            Self::MarkerLost => stage.buckets.remove(&bucket(), MARKER),
            Self::Elsewhere => proven_in_staging(stage),
            Self::ResumesForward => die(stage, ("bucket:upload", 4)),
            Self::ResumesBack => die(stage, ("bucket:put_marker", 2)),
            Self::Next
            | Self::First
            | Self::Unasked
            | Self::Fails
            | Self::FirstFails
            | Self::Together
            | Self::ServiceFails
            | Self::SiteFails
            | Self::Large
            | Self::Cleans
            | Self::Superseded => {}
        }
    }

    /// Visitors get a page where the release's script should be, if the story is about that.
    fn hides_script(self, stage: &SiteStage) {
        if self.is_not_delivered() {
            let headers = BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]);
            let page = Answer { status: 200, headers, body: b"<html>fallback".to_vec() };
            stage.saboteur.lie(Some(("assets/app-120", Attempt::Answered(page))));
        }
    }

    /// The run that is sabotaged.
    pub(super) fn begin(self, stage: &SiteStage, id: &str) -> Option<Result<Report, EngineError>> {
        let stage = &stage.stage;
        stage.ports.label(id);
        let ports = Arc::clone(&stage.ports);
        let run = async {
            if id == "p-1" && self == Self::Restores {
                return stage.engine().restore(None, stage.request(id)).await;
            }
            if id == "p-1" && !self.begins() {
                return stage.engine().resume().await;
            }
            stage.engine().promote(&NEW.parse().unwrap(), stage.request(id)).await
        };
        executor::run_unless(run, move || ports.is_killed()).unwrap_or_else(|how| panic!("{how}"))
    }
}

/// Somebody writes the marker just before the run does.
fn somebody_publishes_meanwhile(stage: &SiteStage) {
    let theirs = Arc::clone(&stage.buckets);
    stage.stage.ports.before(("bucket:put_marker", 1), move || {
        let marker = theirs.object(&bucket(), MARKER).unwrap().bytes;
        let marker = String::from_utf8(marker.to_vec()).unwrap().replace("p-0", "p-9");
        theirs.put(&bucket(), MARKER, marker.as_bytes());
    });
}

/// The release is live in another environment, and its directory is gone.
fn proven_in_staging(stage: &mut SiteStage) {
    stage.buckets.create(&"shop-web-staging".parse().unwrap());
    stage.stage.ports.label("p-s");
    let environment = &stage.stage.application.environments[1];
    let engine = Engine { environment, ..stage.stage.engine() };
    let promoted = executor::run(engine.promote(&NEW.parse().unwrap(), stage.stage.request("p-s")));
    assert_eq!(promoted.unwrap().unwrap().outcome, Outcome::Unverified);
    stage.stage.world.sites.as_mut().unwrap().files.remove(&web());
    stage.stage.ports.sabotage(None);
}

/// A run is killed just after that call, and its lease has expired.
fn die(stage: &SiteStage, place: Place) {
    let stage = &stage.stage;
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong: Wrong::Killed(Moment::After) }));
    stage.ports.label("p-1");
    let (engine, version) = (stage.engine(), NEW.parse().unwrap());
    let ports = Arc::clone(&stage.ports);
    let ended = executor::run_unless(engine.promote(&version, stage.request("p-1")), move || ports.is_killed());
    assert!(ended.unwrap().is_none(), "it was killed");
    stage.ports.sabotage(None);
    stage.ports.clock.advance(Duration::from_mins(5));
}
