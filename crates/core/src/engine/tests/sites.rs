//! Sites: what visitors get whatever goes wrong, and what is claimed of it.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;

use crate::{
    engine::{EngineError, Report, SitePorts},
    fakes::{FakeBuckets, FakeEdge, FakeSiteFiles, Outcome as Rollout, ScriptedProbe, Stop},
    identifier::{BucketName, ComponentName},
    ledger::{Releases, Sites},
    ports::SiteFiles as _,
    promotion::{Outcome, SitePhase},
    release::NewRelease,
    site::{Home, Pack, ReferenceKind, SiteDigest, packed, references},
};

mod doubt;
mod outlook;

use super::{
    executor,
    sabotage::Place,
    stage::{CONFIGURATION, Stage, image},
};

const WEB: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "EFAKE"
"#;
/// The call that journals that the site is published: nothing of the switch has begun.
const PUBLISHED: Place = ("store:create", 5);
const COMMIT: &str = "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f";

/// A stage with a site beside its service, or without the service.
struct SiteStage {
    stage: Stage,
    buckets: Arc<FakeBuckets>,
    edge: Arc<FakeEdge>,
}

fn bucket() -> BucketName {
    "shop-web-dev".parse().unwrap()
}

fn home() -> Home {
    Home { bucket: bucket(), prefix: "".parse().unwrap() }
}

fn web() -> ComponentName {
    "web".parse().unwrap()
}

/// The files of a version: an entry that refers to a script of that version, and what never changes.
fn build(version: &str) -> BTreeMap<String, String> {
    let digits = format!("{:x<8}", version.replace('.', "")).replace('x', "a");
    let script = format!("assets/app-{digits}.js");
    let mut files = BTreeMap::from([
        ("index.html".to_owned(), format!("<html><script src=\"/{script}\"></script>{version}")),
        ("about.html".to_owned(), format!("<html><script src=\"/{script}\"></script>about {version}")),
        ("robots.txt".to_owned(), "User-agent: *".to_owned()),
        (script, format!("console.log('{version}')")),
    ]);
    for at in 0..5 {
        files.insert(format!("assets/logo{at}-0a1b2c3d.svg"), format!("<svg>{at}"));
    }
    files
}

fn directory(files: &BTreeMap<String, String>) -> Arc<FakeSiteFiles> {
    Arc::new(FakeSiteFiles::new(files.iter().map(|(path, text)| (path.parse().unwrap(), text.as_bytes()))))
}

impl SiteStage {
    /// A site alone.
    fn alone() -> Self {
        let mut stage = Self::beside_a_service();
        stage.stage.application.environments[0].services.clear();
        stage.stage.application.components.retain(|component| component.site.is_some());
        stage
    }

    fn beside_a_service() -> Self {
        let mut stage = Stage::with(&format!("{CONFIGURATION}{WEB}"), &["api"]);
        let buckets = Arc::new(FakeBuckets::new());
        buckets.create(&bucket());
        let edge = Arc::new(FakeEdge::new(&buckets, &bucket()));
        let (visited, old) = (Arc::clone(&edge), Arc::clone(&stage.probe));
        let probe = Arc::new(ScriptedProbe::answering(move |check| {
            if check.url.contains("cloudfront") {
                return visited.visit(&check.url);
            }
            executor::run(crate::ports::Probe::attempt(&*old, check)).unwrap()
        }));
        stage.world.probe = Arc::clone(&probe) as _;
        let sites =
            SitePorts { bucket: Arc::clone(&buckets) as _, cdn: Arc::clone(&edge) as _, files: BTreeMap::new() };
        stage.world.sites = Some(sites);
        Self { stage, buckets, edge }
    }

    /// Builds a release of the site, and of the service where there is one.
    fn release(&mut self, version: &str) -> SiteDigest {
        self.release_of(version, &build(version), Rollout::Succeeds { after: std::time::Duration::from_secs(8) })
    }

    fn release_of(&mut self, version: &str, files: &BTreeMap<String, String>, rollout: Rollout) -> SiteDigest {
        let rules = self.stage.application.component(&web()).unwrap().site.clone().unwrap().rules;
        let directory = directory(files);
        let survey = executor::run(directory.survey(&rules.survey)).unwrap().unwrap();
        let manifest = rules.manifest(&survey);
        let mut pack = Pack::default();
        for path in packed(&manifest) {
            pack.add(Bytes::from(files[path.as_str()].clone()));
        }
        let store = &self.stage.ports.store;
        executor::run(Sites::new(store).keep_manifest(&manifest)).unwrap().unwrap();
        executor::run(Sites::new(store).keep_pack(manifest.digest(), &pack)).unwrap().unwrap();
        let mut images = BTreeMap::new();
        if !self.stage.application.environments[0].services.is_empty() {
            images.insert("api".parse().unwrap(), image(version));
            self.stage.ports.images.push(&image(version));
            self.stage.ports.ecs.script(image(version).digest(), rollout);
        }
        let release = NewRelease {
            app: self.stage.application.app.clone(),
            version: version.parse().unwrap(),
            commit: COMMIT.parse().unwrap(),
            images,
            sites: BTreeMap::from([(web(), manifest.digest().clone())]),
        };
        let release = release.create(&self.stage.application, self.stage.now(), "ada").unwrap();
        let _created = executor::run(Releases::new(store).create(&release)).unwrap().unwrap();
        let sites = self.stage.world.sites.as_mut().unwrap();
        sites.files.insert(web(), directory);
        self.stage.ports.sabotage(None);
        manifest.digest().clone()
    }

    fn promote(&self, version: &str, id: &str) -> Report {
        self.stage.promote(version, id).unwrap()
    }

    /// A release that is live and proven.
    fn live(&mut self, version: &str, id: &str) -> SiteDigest {
        let digest = self.release(version);
        let report = self.promote(version, id);
        assert_eq!(report.outcome, Outcome::Succeeded, "{} {:#?}", report.reason, self.stage.watcher.troubles());
        self.stage.ports.clock.advance(std::time::Duration::from_mins(5));
        digest
    }

    /// What a visitor gets for a path.
    fn visit(&self, path: &str) -> String {
        match self.edge.visit(&format!("https://d111111abcdef8.cloudfront.net/{path}")) {
            crate::smoke::Attempt::Answered(answer) => String::from_utf8(answer.body).unwrap(),
            crate::smoke::Attempt::Unreachable { reason, .. } => reason,
        }
    }

    fn requests(&self, what: &str) -> Vec<String> {
        let requests = self.buckets.requests();
        requests.iter().filter_map(|request| Some(request.strip_prefix(what)?.trim().to_owned())).collect()
    }

    /// From now on, every write is followed by a look: what the live documents refer to is there.
    fn never_broken(&self) {
        self.buckets.watch(|objects| {
            for document in ["index.html", "about.html"] {
                let Some(html) = objects.get(document) else {
                    continue;
                };
                let text = String::from_utf8_lossy(html);
                for reference in references(&text, &document.parse().unwrap(), "/") {
                    let is_there = objects.contains_key(reference.path.as_str());
                    assert!(reference.kind != ReferenceKind::Script || is_there, "{document} refers to {reference:?}");
                }
            }
        });
    }

    fn run_killed(&self, version: &str, id: &str) -> Option<Result<Report, EngineError>> {
        self.stage.ports.label(id);
        let version = version.parse().unwrap();
        let engine = self.stage.engine();
        let buckets = Arc::clone(&self.buckets);
        executor::run_unless(engine.promote(&version, self.stage.request(id)), move || buckets.is_killed()).unwrap()
    }

    fn resume(&self) -> Report {
        self.stage.ports.clock.advance(std::time::Duration::from_mins(5));
        self.stage.resume().unwrap()
    }
}

#[test]
fn a_site_is_published_switched_last_and_proven_by_what_visitors_get() {
    let mut stage = SiteStage::alone();
    stage.never_broken();
    let digest = stage.live("1.0.0", "p-1");
    let puts = stage.requests("PUT");
    assert_eq!(puts.last().unwrap(), ".towpath/site.json", "{puts:?}");
    let place = |key: &str| puts.iter().position(|put| put == key).unwrap();
    assert!(place("assets/app-100aaaaa.js") < place("index.html"), "{puts:?}");
    assert!(place("about.html") < place("index.html"), "{puts:?}");
    assert!(stage.visit("").contains("1.0.0"));
    let record = stage.stage.records().pop().unwrap();
    let site = &record.sites[&web()];
    assert_eq!((record.schema, &site.serves.as_ref().unwrap().manifest), (2, &digest));
    assert!(site.smoke.len() >= 2, "the entry and its bundle were asked for: {:?}", site.smoke);
}

#[test]
fn what_is_live_already_takes_one_request_and_is_proven_again() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.buckets.forget_requests();
    let report = stage.promote("1.0.0", "p-2");
    assert_eq!(report.outcome, Outcome::Unchanged, "{}", report.reason);
    assert_eq!(stage.buckets.requests(), ["GET .towpath/site.json"]);
}

#[test]
fn a_release_takes_as_many_requests_as_files_changed_and_two_for_the_marker() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.buckets.forget_requests();
    stage.live("1.1.0", "p-2");
    let requests = stage.buckets.requests();
    assert_eq!(requests.len(), 5, "three files and the marker twice: {requests:?}");
    assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
    let asked = stage.edge.invalidations();
    assert_eq!(asked.last().unwrap().0, "towpath-p-2-web");
}

#[test]
fn a_release_that_visitors_do_not_get_is_put_back_and_proven() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    // The script is lost as soon as it is there, and the edge answers with a page instead.
    stage.edge.fall_back("index.html");
    let lost = Arc::clone(&stage.buckets);
    stage.stage.ports.before(PUBLISHED, move || lost.remove(&bucket(), "assets/app-110aaaaa.js"));
    stage.buckets.watch(|_| {});
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{} {:?}", report.reason, stage.stage.ports.calls());
    assert!(stage.visit("").contains("1.0.0"), "{}", stage.visit(""));
    assert!(report.reason.contains("content type text/html"), "{}", report.reason);
    let asked = stage.edge.invalidations();
    assert_eq!(asked.last().unwrap().0, "towpath-p-2-web-back");
    let record = stage.stage.records().pop().unwrap();
    assert_eq!(record.sites[&web()].serves.as_ref().unwrap().version.as_ref().unwrap().to_string(), "1.0.0");
}

/// Denied at every single write: what visitors get is whole, the old or the new, and the claim says which.
#[test]
fn whichever_write_is_refused_the_site_is_whole_and_the_claim_is_true() {
    let mut refused = 0;
    for writes in 0.. {
        let mut stage = SiteStage::alone();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        stage.buckets.stop_after(Some((writes, Stop::Denied)));
        let report = stage.promote("1.1.0", "p-2");
        let (visit, about) = (stage.visit(""), stage.visit("about.html"));
        if report.outcome == Outcome::Succeeded {
            assert!(visit.contains("1.1.0") && about.contains("1.1.0"));
            break;
        }
        if report.outcome == Outcome::Stuck {
            // What cannot be written cannot be put back either: it is said, and mended by the next release.
            assert!(visit.contains("1.0.0") || visit.contains("1.1.0"), "one or the other, and whole: {visit}");
        } else {
            assert!(matches!(report.outcome, Outcome::Errored | Outcome::Unauthorized), "{}", report.reason);
            assert!(visit.contains("1.0.0") && about.contains("1.0.0"));
        }
        refused += 1;
        stage.buckets.stop_after(None);
        let again = stage.promote("1.1.0", "p-3");
        assert_eq!(again.outcome, Outcome::Succeeded, "after {writes} writes: {}", again.reason);
        assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
    }
    assert_eq!(refused, 4, "three files and the marker");
}

/// Killed at every single write, then resumed: the release is live, whole and proven.
#[test]
fn whichever_write_a_run_is_killed_at_the_next_run_ends_it() {
    let mut killed = 0;
    for writes in 0.. {
        let mut stage = SiteStage::alone();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        stage.buckets.stop_after(Some((writes, Stop::Killed)));
        let first = stage.run_killed("1.1.0", "p-2");
        stage.buckets.stop_after(None);
        if first.is_some() {
            break;
        }
        killed += 1;
        assert!(!stage.visit("").is_empty());
        let report = stage.resume();
        assert_eq!(report.outcome, Outcome::Succeeded, "after {writes} writes: {}", report.reason);
        assert!(stage.visit("").contains("1.1.0") && stage.visit("about.html").contains("1.1.0"));
        assert!(stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).is_some());
    }
    assert_eq!(killed, 4, "three files and the marker");
}

/// Killed at every single write of a way back, then resumed: what was live is live again.
#[test]
fn whichever_write_of_a_way_back_a_run_is_killed_at_the_next_run_ends_it() {
    for writes in 0..12 {
        let mut stage = SiteStage::beside_a_service();
        stage.never_broken();
        stage.live("1.0.0", "p-1");
        stage.release_of(
            "1.1.0",
            &build("1.1.0"),
            Rollout::BreakerRollsBack { after: std::time::Duration::from_secs(8) },
        );
        stage.buckets.stop_after(Some((writes, Stop::Killed)));
        let first = stage.run_killed("1.1.0", "p-2");
        stage.buckets.stop_after(None);
        let report = match first {
            Some(report) => report.unwrap(),
            None => stage.resume(),
        };
        assert_eq!(report.outcome, Outcome::RolledBack, "after {writes} writes: {}", report.reason);
        assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"), "{writes}");
        assert_eq!(stage.stage.serves("api"), ["1.0.0"]);
    }
}

#[test]
fn a_person_goes_back_to_the_site_that_was_proven_before() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.live("1.1.0", "p-2");
    stage.stage.world.sites.as_mut().unwrap().files.clear();
    stage.buckets.forget_requests();
    let report = stage.stage.restore("p-3").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"));
    assert_eq!(stage.requests("PUT"), ["about.html", "index.html", ".towpath/site.json"], "the assets are still there");
}

#[test]
fn a_service_that_fails_takes_the_site_back_with_it() {
    let mut stage = SiteStage::beside_a_service();
    stage.never_broken();
    stage.live("1.0.0", "p-1");
    stage.release_of("1.1.0", &build("1.1.0"), Rollout::BreakerRollsBack { after: std::time::Duration::from_secs(8) });
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(report.state.sites[&web()].phase, SitePhase::RolledBack);
    assert!(stage.visit("").contains("1.0.0") && stage.visit("about.html").contains("1.0.0"));
    assert_eq!(stage.stage.serves("api"), ["1.0.0"]);
}

#[test]
fn who_published_meanwhile_is_never_written_over() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let theirs = Arc::clone(&stage.buckets);
    let marker = stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).unwrap();
    let marker = String::from_utf8(marker.to_vec()).unwrap().replace("p-1", "p-9");
    stage.stage.ports.before(PUBLISHED, move || theirs.put(&bucket(), ".towpath/site.json", marker.as_bytes()));
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Superseded, "{} {:?}", report.reason, stage.stage.ports.calls());
    assert!(report.reason.contains("p-9"), "{}", report.reason);
}

#[test]
fn a_lost_or_broken_marker_is_made_good_by_looking() {
    for broken in [None, Some("<html>")] {
        let mut stage = SiteStage::alone();
        stage.live("1.0.0", "p-1");
        stage.release("1.1.0");
        match broken {
            None => stage.buckets.remove(&bucket(), ".towpath/site.json"),
            Some(text) => stage.buckets.put(&bucket(), ".towpath/site.json", text.as_bytes()),
        }
        stage.buckets.forget_requests();
        let report = stage.promote("1.1.0", "p-2");
        assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
        assert_eq!(stage.requests("LIST").len(), 1);
        assert_eq!(stage.requests("PUT").len(), 4, "what is there already is not written: {:?}", stage.requests("PUT"));
    }
}

#[test]
fn another_sites_place_is_refused() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let marker = stage.buckets.bytes(&home(), &crate::site::SiteObject::Marker).unwrap();
    let marker = String::from_utf8(marker.to_vec()).unwrap().replace("\"shop\"", "\"other\"");
    stage.buckets.put(&bucket(), ".towpath/site.json", marker.as_bytes());
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert!(report.reason.contains("belongs to web of other in dev"), "{}", report.reason);
}

#[test]
fn a_directory_that_is_not_the_releases_is_refused_before_anything_is_written() {
    let mut stage = SiteStage::alone();
    stage.release("1.0.0");
    let other = directory(&build("1.1.0"));
    stage.stage.world.sites.as_mut().unwrap().files.insert(web(), other);
    let report = stage.promote("1.0.0", "p-1");
    assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
    assert_eq!(stage.requests("PUT"), [] as [String; 0]);
}

#[test]
fn what_only_releases_before_the_kept_ones_use_is_deleted_last() {
    let mut stage = SiteStage::alone();
    stage.stage.application.environments[0].sites.get_mut(&web()).unwrap().settings.keep = "1".parse().unwrap();
    stage.live("1.0.0", "p-1");
    stage.live("1.1.0", "p-2");
    assert_eq!(stage.requests("DELETE"), [] as [String; 0]);
    stage.live("1.2.0", "p-3");
    let keys = stage.buckets.keys(&bucket());
    assert!(!keys.contains(&"assets/app-100aaaaa.js".to_owned()), "{keys:?}");
    assert!(keys.contains(&"assets/app-110aaaaa.js".to_owned()), "{keys:?}");
    assert_eq!(stage.buckets.requests().last().unwrap(), "DELETE 1");
}

#[test]
fn edges_that_cannot_be_told_put_nothing_back_and_are_told_by_the_next_run() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    stage.release("1.1.0");
    let denied = crate::ports::Fault::Denied { principal: None, action: None, resource: None };
    // The first call reads the distribution.
    let edge = Arc::clone(&stage.edge);
    stage.stage.ports.before(PUBLISHED, move || edge.next(crate::fakes::Mishap::NotCarriedOut(denied)));
    let report = stage.promote("1.1.0", "p-2");
    assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
    assert!(report.reason.contains("aws cloudfront create-invalidation --distribution-id EFAKE"), "{}", report.reason);
    assert_eq!(stage.stage.resume().unwrap().outcome, Outcome::Succeeded);
    assert!(stage.visit("").contains("1.1.0"));
}

#[test]
fn a_site_alone_goes_back_and_the_service_beside_it_stays() {
    let mut stage = SiteStage::beside_a_service();
    stage.live("1.0.0", "p-1");
    stage.live("1.2.0", "p-2");
    stage.stage.ports.label("p-3");
    let (engine, web, request) = (stage.stage.engine(), web(), stage.stage.request("p-3"));
    let report = executor::run(engine.restore_component(&web, None, request)).unwrap().unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.visit("").contains("1.0.0"));
    assert_eq!(stage.stage.serves("api"), ["1.2.0"]);
}

#[test]
fn a_verification_finds_what_is_missing_and_what_visitors_do_not_get() {
    let mut stage = SiteStage::alone();
    stage.live("1.0.0", "p-1");
    let verify = |stage: &SiteStage| {
        let engine = stage.stage.engine();
        executor::run(engine.verify_site(&web(), stage.stage.request("p-2"))).unwrap().unwrap().unwrap()
    };
    let found = verify(&stage);
    assert!(found.is_good() && found.files == 9 && found.answers.len() == 3, "{found:?}");
    stage.buckets.remove(&bucket(), "robots.txt");
    stage.buckets.put(&bucket(), "about.html", b"other");
    let found = verify(&stage);
    assert!(!found.is_good());
    assert_eq!(found.missing.iter().map(ToString::to_string).collect::<Vec<_>>(), ["robots.txt"]);
    assert_eq!(found.other.iter().map(ToString::to_string).collect::<Vec<_>>(), ["about.html"]);
    assert_eq!(stage.requests("PUT").len(), 10, "nothing is written");
}

#[test]
fn the_status_of_a_site_is_what_its_marker_says_beside_what_was_proven() {
    let mut stage = SiteStage::alone();
    let digest = stage.live("1.0.0", "p-1");
    let status = |stage: &SiteStage| {
        let (application, world) = (&stage.stage.application, &stage.stage.world);
        let read = crate::engine::EnvironmentStatus::read(application, &application.environments[0], world);
        executor::run(read).unwrap().unwrap().0.sites.remove(&web()).unwrap()
    };
    let steady = status(&stage);
    assert_eq!(steady.health, crate::engine::Health::Steady);
    assert_eq!(steady.live.unwrap().manifest, digest);
    stage.buckets.remove(&bucket(), ".towpath/site.json");
    assert_eq!(status(&stage).health, crate::engine::Health::Missing);
}
