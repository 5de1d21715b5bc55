//! One environment in memory with a site, beside its service or alone, behind the saboteur like everything else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    engine::{EngineError, Report},
    fakes::{FakeBuckets, FakeEdge, FakeSiteFiles, Outcome as Rollout},
    identifier::{BucketName, ComponentName},
    ledger::{Releases, Sites},
    ports::SiteFiles as _,
    promotion::Outcome,
    release::NewRelease,
    site::{Home, PACKED_FILE_LIMIT, Pack, ReferenceKind, SiteDigest, packed, references},
    smoke::Attempt,
};

use super::super::{
    executor,
    sabotage::Saboteur,
    stage::{CONFIGURATION, Stage, image},
};

const WEB: &str = r#"
[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-{environment}"
distribution = "EFAKE"
"#;
const COMMIT: &str = "4f1c2d7a9be03c58e6a1d20f7b94835ce61a0d3f";

/// A stage with a site beside its service, or without the service.
pub(in crate::engine::tests) struct SiteStage {
    pub(in crate::engine::tests) stage: Stage,
    pub(in crate::engine::tests) buckets: Arc<FakeBuckets>,
    pub(in crate::engine::tests) edge: Arc<FakeEdge>,
    pub(in crate::engine::tests) saboteur: Arc<Saboteur>,
    /// What the release that was built last was built into.
    directory: Option<Arc<FakeSiteFiles>>,
}

pub(in crate::engine::tests) fn bucket() -> BucketName {
    "shop-web-dev".parse().unwrap()
}

pub(in crate::engine::tests) fn home() -> Home {
    Home { bucket: bucket(), prefix: "".parse().unwrap() }
}

pub(in crate::engine::tests) fn web() -> ComponentName {
    "web".parse().unwrap()
}

/// The files of a version: an entry that refers to a script of that version, and what never changes.
pub(in crate::engine::tests) fn build(version: &str) -> BTreeMap<String, String> {
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

/// A file of a version that is larger than what is kept beside the ledger.
pub(in crate::engine::tests) fn film(version: &str) -> String {
    let size = usize::try_from(PACKED_FILE_LIMIT).unwrap() + 1;
    let mut film = version.repeat(size / version.len() + 1);
    film.truncate(size);
    film
}

pub(in crate::engine::tests) fn directory(files: &BTreeMap<String, String>) -> Arc<FakeSiteFiles> {
    Arc::new(FakeSiteFiles::new(files.iter().map(|(path, text)| (path.parse().unwrap(), text.as_bytes()))))
}

impl SiteStage {
    /// A site alone.
    pub(in crate::engine::tests) fn alone() -> Self {
        let mut stage = Self::beside_a_service();
        stage.clear_services();
        stage
    }

    /// From now on, there are no services.
    pub(in crate::engine::tests) fn clear_services(&mut self) {
        self.stage.application.environments.iter_mut().for_each(|environment| environment.services.clear());
        self.stage.application.components.retain(|component| component.site.is_some());
    }

    /// From now on, so many releases before the live one are kept.
    pub(in crate::engine::tests) fn keep(&mut self, keep: &str) {
        let site = self.stage.application.environments[0].sites.get_mut(&web()).unwrap();
        site.settings.keep = keep.parse().unwrap();
    }

    pub(in crate::engine::tests) fn beside_a_service() -> Self {
        Self::with(&format!("{CONFIGURATION}{WEB}"))
    }

    /// An environment with that configuration, in which `api` serves.
    pub(in crate::engine::tests) fn with(configuration: &str) -> Self {
        Self::on(Stage::with(configuration, &["api"]))
    }

    /// Another stage that goes on as this one would: what was built and what has happened is the same there.
    pub(in crate::engine::tests) fn copied(&self) -> Self {
        let mut copy = Self::on(self.stage.copied());
        copy.buckets.become_like(&self.buckets);
        copy.edge.become_like(&self.edge);
        copy.directory.clone_from(&self.directory);
        let is_at_hand = self.stage.world.sites.as_ref().is_some_and(|sites| sites.files.contains_key(&web()));
        copy.directory.clone().filter(|_| is_at_hand).into_iter().for_each(|directory| copy.hand_in(directory));
        copy
    }

    fn on(mut stage: Stage) -> Self {
        let buckets = Arc::new(FakeBuckets::new());
        buckets.create(&bucket());
        let edge = Arc::new(FakeEdge::new(&buckets, &bucket()));
        let saboteur = Saboteur::over(&stage.ports, &stage.probe, &buckets, &edge);
        stage.world.probe = Arc::clone(&saboteur) as _;
        stage.world.sites = Some(saboteur.site_ports());
        Self { stage, buckets, edge, saboteur, directory: None }
    }

    /// From now on, the site is published from there.
    fn hand_in(&mut self, directory: Arc<FakeSiteFiles>) {
        let sites = self.stage.world.sites.as_mut().unwrap();
        sites.files.insert(web(), self.saboteur.files(Arc::clone(&directory)));
        self.directory = Some(directory);
    }

    /// Builds a release of the site, and of the service where there is one.
    pub(in crate::engine::tests) fn release(&mut self, version: &str) -> SiteDigest {
        self.release_of(version, &build(version), Rollout::Succeeds { after: Duration::from_secs(8) })
    }

    pub(in crate::engine::tests) fn release_of(
        &mut self,
        version: &str,
        files: &BTreeMap<String, String>,
        rollout: Rollout,
    ) -> SiteDigest {
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
        self.hand_in(directory);
        self.stage.ports.sabotage(None);
        manifest.digest().clone()
    }

    pub(in crate::engine::tests) fn promote(&self, version: &str, id: &str) -> Report {
        self.stage.promote(version, id).unwrap()
    }

    /// A release that is live and proven.
    pub(in crate::engine::tests) fn live(&mut self, version: &str, id: &str) -> SiteDigest {
        let digest = self.release(version);
        let report = self.promote(version, id);
        assert_eq!(report.outcome, Outcome::Succeeded, "{} {:#?}", report.reason, self.stage.watcher.troubles());
        self.stage.ports.clock.advance(Duration::from_mins(5));
        digest
    }

    /// What a visitor gets for a path.
    pub(in crate::engine::tests) fn visit(&self, path: &str) -> String {
        match self.edge.visit(&format!("https://d111111abcdef8.cloudfront.net/{path}")) {
            Attempt::Answered(answer) => String::from_utf8(answer.body).unwrap(),
            Attempt::Unreachable { reason, .. } => reason,
        }
    }

    pub(in crate::engine::tests) fn requests(&self, what: &str) -> Vec<String> {
        let requests = self.buckets.requests();
        requests.iter().filter_map(|request| Some(request.strip_prefix(what)?.trim().to_owned())).collect()
    }

    /// From now on, every write is followed by a look: what the live documents refer to is there.
    pub(in crate::engine::tests) fn never_broken(&self) {
        self.buckets.watch(|objects| {
            for document in ["index.html", "about.html", "help.html"] {
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

    pub(in crate::engine::tests) fn run_killed(&self, version: &str, id: &str) -> Option<Result<Report, EngineError>> {
        self.stage.ports.label(id);
        let version = version.parse().unwrap();
        let engine = self.stage.engine();
        let buckets = Arc::clone(&self.buckets);
        executor::run_unless(engine.promote(&version, self.stage.request(id)), move || buckets.is_killed()).unwrap()
    }

    pub(in crate::engine::tests) fn resume(&self) -> Report {
        self.stage.ports.clock.advance(Duration::from_mins(5));
        self.stage.resume().unwrap()
    }
}
