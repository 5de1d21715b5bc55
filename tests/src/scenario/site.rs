//! The harness of the scenarios about sites: a bucket behind a distribution whose edges really cache, a directory that a
//! build leaves, and runs over them.
//!
//! After every run it is asserted that whatever a visitor can get refers only to what is there.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;
use towpath_aws::{Aws, Limits};
use towpath_cli::Exit;
use towpath_core::{
    config::Application,
    engine::{Engine, Interrupt, Report, SitePorts, World},
    identifier::ComponentName,
    ledger::{Releases, Sites, TakeOver},
    ports::{FileBytes, SiteFiles},
    release::NewRelease,
    site::{Pack, ReferenceKind, SiteDigest, packed, references},
};
use towpath_host::{HttpProbe, SiteDirectory};
use towpath_sim::{calls::Call, faults::Fault, scenario::Scenario};

use crate::{COMMITS, Stage};

use super::recorder::Recorder;

/// The bucket.
pub const BUCKET: &str = "shop-web-dev";
/// The distribution before it.
pub const DISTRIBUTION: &str = "E123SHOP";

/// Production, in an account of its own, with a bucket that may read where dev's files are.
const PRODUCTION: &str = r#"
[environments.production]
account = "333333333333"
region = "us-west-2"
role = "arn:aws:iam::333333333333:role/shop-deployer"
after = ["dev"]
deploy-on = [{ command-line = true }]

[environments.production.components.web]
bucket = "shop-web-production"
distribution = "E456SHOP"
url = "http://EDGE2/"
"#;

const CONFIGURATION: &str = r#"
app = "shop"

[environments.dev]
account = "111111111111"
region = "us-west-2"
role = "arn:aws:iam::111111111111:role/shop-deployer"
deploy-on = [{ command-line = true }]

[components.web]
kind = "site"
build = { directory = "dist" }
bucket = "shop-web-dev"
distribution = "E123SHOP"
url = "http://EDGE/PREFIX"
SETTINGS
"#;

/// A world with a site, to be opened.
#[derive(Debug)]
#[must_use = "a world that is not opened shows nothing"]
pub struct SiteShop {
    world: Value,
    settings: Vec<String>,
    environments: &'static str,
    prefix: String,
    limits: Option<Limits>,
    faults: Vec<Fault>,
}

/// An opened world with a site.
#[expect(missing_debug_implementations, reason = "ports have none")]
pub struct SitePlay {
    /// The simulator, the configuration and the ledger.
    pub stage: Stage,
    folder: TempDir,
    edge: String,
    recorder: Arc<Recorder>,
    runs: std::sync::atomic::AtomicUsize,
}

/// What a run over a site told.
#[derive(Debug)]
#[must_use = "a run that is not looked at shows nothing"]
pub struct SiteTold {
    /// The exit code that the command line ends with.
    pub exit: Exit,
    /// What a person reads at the end.
    pub text: String,
    /// The report, where it came to one.
    pub report: Option<Report>,
    /// What was told on the way, as it is for machines.
    pub notes: String,
    /// The calls of the run.
    pub calls: Vec<Call>,
}

/// The files of a version: two documents that refer to a script of that version, and what never changes.
pub fn build(version: &str) -> BTreeMap<String, String> {
    let digits = version.replace('.', "") + "ab12c";
    let script = format!("assets/app-{digits}.js");
    BTreeMap::from([
        ("index.html".to_owned(), format!("<!doctype html><script src=\"/{script}\"></script>{version}")),
        ("about.html".to_owned(), format!("<!doctype html><script src=\"/{script}\"></script>about {version}")),
        ("robots.txt".to_owned(), "User-agent: *\n".to_owned()),
        ("assets/logo-0a1b2c3d.svg".to_owned(), "<svg/>".to_owned()),
        (script, format!("console.log('{version}')")),
    ])
}

impl SiteShop {
    /// A bucket that is empty, behind a distribution that answers what is missing with the start page.
    #[expect(clippy::new_without_default, reason = "a builder is begun by name")]
    pub fn new() -> Self {
        let world = json!({
            "start": "2026-03-02T09:00:00Z",
            "default-account": "111111111111",
            "default-region": "us-west-2",
            "buckets": [{ "name": BUCKET }],
            "distributions": [{
                "id": DISTRIBUTION, "bucket": BUCKET, "default-root-object": "index.html", "listen": "127.0.0.1:0",
                "error-pages": [{ "status": 403, "page": "/index.html", "answer": 200, "ttl": 10 }],
            }],
        });
        let (settings, faults) = (Vec::new(), Vec::new());
        Self { world, settings, environments: "", prefix: String::new(), limits: None, faults }
    }

    /// Changes anything of the world.
    pub fn world(mut self, change: impl FnOnce(&mut Value)) -> Self {
        change(&mut self.world);
        self
    }

    /// Adds production, an account further. Its role may read dev's bucket where `policy` says so.
    pub fn with_production(mut self, policy: Option<Value>) -> Self {
        self.environments = PRODUCTION;
        if let Some(policy) = policy {
            self.world["buckets"][0]["policy"] = policy.to_string().into();
        }
        let (bucket, account) = ("shop-web-production", "333333333333");
        let distribution = json!({
            "id": "E456SHOP", "account": account, "bucket": bucket, "default-root-object": "index.html",
            "listen": "127.0.0.1:0",
        });
        for (list, one) in [("buckets", json!({ "name": bucket, "account": account })), ("distributions", distribution)]
        {
            if let Some(list) = self.world[list].as_array_mut() {
                list.push(one);
            }
        }
        self
    }

    /// Sends and copies files above these sizes in parts, and lets S3 take parts as small.
    pub fn in_parts(mut self, limits: Limits) -> Self {
        self.world["s3"] = json!({ "smallest-part": 1_024 });
        self.limits = Some(limits);
        self
    }

    /// Adds a line to the site's configuration.
    pub fn setting(mut self, line: &str) -> Self {
        self.settings.push(line.to_owned());
        self
    }

    /// Lets the site be a folder of its bucket.
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.settings.push(format!("prefix = \"{prefix}\""));
        self.prefix = format!("{prefix}/");
        self
    }

    /// Lets calls go wrong, once the world is open.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Opens it.
    pub async fn open(self) -> SitePlay {
        let scenario: Scenario = serde_json::from_value(self.world).unwrap_or_else(|error| panic!("{error}"));
        let configuration =
            CONFIGURATION.replace("SETTINGS", &self.settings.join("\n")).replace("PREFIX", &self.prefix);
        let configuration = configuration.replacen("[components", &format!("{}\n[components", self.environments), 1);
        let mut stage = Stage::of(scenario, &configuration).await.unwrap_or_else(|error| panic!("{error:#}"));
        stage.limits = self.limits;
        let edge = stage.simulator.edges().first().map(|(_, address)| address.to_string()).unwrap_or_default();
        let recorder = Arc::new(Recorder::new(Arc::clone(&stage.simulator), Arc::clone(&stage.agenda)));
        let folder = TempDir::new().unwrap_or_else(|error| panic!("{error}"));
        self.faults.into_iter().for_each(|fault| stage.simulator.add_fault(fault));
        SitePlay { stage, folder, edge, recorder, runs: std::sync::atomic::AtomicUsize::new(0) }
    }
}

fn web() -> ComponentName {
    "web".parse().unwrap_or_else(|error| panic!("{error}"))
}

impl SitePlay {
    /// The directory that the site is built into.
    pub fn directory(&self) -> PathBuf {
        self.folder.path().join("dist")
    }

    /// Builds these files and makes a release of them.
    pub async fn release_of(&self, version: &str, files: &BTreeMap<String, String>) -> SiteDigest {
        let directory = self.directory();
        if directory.exists() {
            std::fs::remove_dir_all(&directory).unwrap_or_else(|error| panic!("{error}"));
        }
        for (path, text) in files {
            let path = directory.join(path);
            path.parent().map(std::fs::create_dir_all).transpose().unwrap_or_else(|error| panic!("{error}"));
            std::fs::write(path, text).unwrap_or_else(|error| panic!("{error}"));
        }
        self.release_here(version).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// Makes a release of what is in the directory.
    ///
    /// # Errors
    /// When the directory cannot be published.
    pub async fn release_here(&self, version: &str) -> anyhow::Result<SiteDigest> {
        let source = self.stage.application.component(&web()).and_then(|component| component.site.clone());
        let rules = source.unwrap_or_else(|| panic!("the site is configured")).rules;
        let files = self.files();
        let survey = files.survey(&rules.survey).await?;
        let manifest = rules.manifest(&survey);
        let mut pack = Pack::default();
        for path in packed(&manifest) {
            let file = manifest.file(&path).unwrap_or_else(|| panic!("{path}"));
            if let FileBytes::Whole(bytes) = files.read(&path, &file.content()).await? {
                pack.add(bytes);
            }
        }
        let sites = Sites::new(&*self.stage.store);
        sites.keep_manifest(&manifest).await?;
        sites.keep_pack(manifest.digest(), &pack).await?;
        let commit = COMMITS.iter().find(|(known, _)| *known == version).map_or(COMMITS[0].1, |(_, commit)| commit);
        let release = NewRelease {
            app: self.stage.application.app.clone(),
            version: version.parse()?,
            commit: commit.parse()?,
            images: BTreeMap::new(),
            sites: BTreeMap::from([(web(), manifest.digest().clone())]),
        };
        let release = release.create(&self.stage.application, self.stage.simulator.now(), "tests")?;
        let _created = Releases::new(&*self.stage.store).create(&release).await?;
        Ok(manifest.digest().clone())
    }

    fn files(&self) -> Arc<dyn SiteFiles> {
        Arc::new(SiteDirectory::new(self.directory(), "dist".to_owned()))
    }

    async fn world(&self, environment: &str) -> World {
        let environment = self.stage.environment(environment).unwrap_or_else(|error| panic!("{error}"));
        let mut world = self.stage.world(environment).await.unwrap_or_else(|error| panic!("{error}"));
        if let Some(sites) = world.sites.as_mut().filter(|_| self.directory().is_dir()) {
            sites.files.insert(web(), self.files());
        }
        world.probe = Arc::new(HttpProbe::direct());
        world
    }

    /// Builds a version, releases and promotes it.
    pub async fn publish(&self, version: &str) -> SiteTold {
        self.release_of(version, &build(version)).await;
        self.promote(version).await
    }

    /// Promotes a release.
    pub async fn promote(&self, version: &str) -> SiteTold {
        self.promote_to("dev", version).await
    }

    /// Promotes a release into that environment.
    pub async fn promote_to(&self, environment: &str, version: &str) -> SiteTold {
        self.run(environment, Asked::Promote(version.to_owned())).await
    }

    /// What was built is not here any more.
    pub fn forget_the_build(&self) {
        std::fs::remove_dir_all(self.directory()).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Goes back to what was proven before.
    pub async fn restore(&self) -> SiteTold {
        self.run("dev", Asked::Restore).await
    }

    /// Goes on with what is open.
    pub async fn resume(&mut self) -> SiteTold {
        self.stage.settings.take_over = TakeOver::Anyway;
        let told = self.run("dev", Asked::Resume).await;
        self.stage.settings.take_over = TakeOver::OnlyExpired;
        told
    }

    async fn run(&self, environment: &str, asked: Asked) -> SiteTold {
        let began = self.stage.simulator.calls().last().map_or(0, |call| call.sequence);
        let (world, interrupt) = (self.world(environment).await, Interrupt::default());
        let environment = self.stage.environment(environment).unwrap_or_else(|error| panic!("{error}"));
        let engine = Engine {
            application: &self.stage.application,
            environment,
            world: &world,
            settings: &self.stage.settings,
            observer: &*self.recorder,
            interrupt: &interrupt,
        };
        let number = self.runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let request = self.stage.request(&format!("p-{number}")).unwrap_or_else(|error| panic!("{error}"));
        let result = match asked {
            Asked::Promote(version) => {
                let version = version.parse().unwrap_or_else(|error| panic!("{error}"));
                engine.promote(&version, request).await
            }
            Asked::Restore => engine.restore(None, request).await,
            Asked::Resume => engine.resume().await,
        };
        let (exit, text, report) = match result {
            Ok(report) => {
                let (exit, text) = towpath_cli::told(Ok(&report));
                (exit, text, Some(report))
            }
            Err(error) => {
                let (exit, text) = towpath_cli::told(Err(error));
                (exit, text, None)
            }
        };
        let calls = self.stage.simulator.calls().into_iter().filter(|call| call.sequence > began).collect();
        let notices = self.recorder.notices();
        let notes = notices.iter().map(|notice| serde_json::to_string(notice).unwrap_or_default()).collect();
        let told = SiteTold { exit, text, report, notes, calls };
        self.holds(&told).await;
        told
    }

    /// What a visitor gets: status, content type and body.
    pub async fn visit(&self, path: &str) -> (u16, String, String) {
        self.visit_at(&self.edge, path).await
    }

    /// What a visitor of production gets.
    pub async fn visit_production(&self, path: &str) -> (u16, String, String) {
        let edge = self.stage.simulator.edges().get(1).map(|(_, address)| address.to_string()).unwrap_or_default();
        self.visit_at(&edge, path).await
    }

    async fn visit_at(&self, edge: &str, path: &str) -> (u16, String, String) {
        let answer = reqwest::get(format!("http://{edge}/{path}")).await.unwrap_or_else(|error| panic!("{error}"));
        let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        (answer.status().as_u16(), content_type, answer.text().await.unwrap_or_default())
    }

    /// The keys of every bucket's uploads in parts that nobody has ended.
    pub async fn unended(&self) -> Vec<String> {
        let uploads = self.shown("uploads").await;
        uploads.iter().filter_map(|upload| Some(upload["key"].as_str()?.to_owned())).collect()
    }

    /// The keys of the bucket.
    pub async fn keys(&self) -> Vec<String> {
        self.keys_of(BUCKET).await
    }

    /// The keys of that bucket.
    pub async fn keys_of(&self, bucket: &str) -> Vec<String> {
        let objects = self.shown("objects").await;
        let objects = objects.iter().filter(|object| object["bucket"] == bucket);
        objects.filter_map(|object| Some(object["key"].as_str()?.to_owned())).collect()
    }

    /// Every invalidation, the oldest first: its caller reference and its paths.
    pub async fn invalidations(&self) -> Vec<(String, Vec<String>)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let told = |one: &Value| {
            let paths = one["paths"].as_array().into_iter().flatten().map(text).collect();
            (text(&one["caller-reference"]), paths)
        };
        self.shown("invalidations").await.iter().map(told).collect()
    }

    async fn shown(&self, what: &str) -> Vec<Value> {
        let url = format!("{}/_sim/{what}", self.stage.simulator.endpoint());
        let answer = reqwest::get(url).await.unwrap_or_else(|error| panic!("{error}"));
        let text = answer.text().await.unwrap_or_default();
        let shown: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        shown[what].as_array().cloned().unwrap_or_else(|| panic!("{text}"))
    }

    /// Whatever a document that is live refers to is answered with that very type of file.
    async fn holds(&self, told: &SiteTold) {
        let (status, content_type, html) = self.visit("").await;
        if status != 200 || !content_type.starts_with("text/html") {
            return;
        }
        let index = "index.html".parse().unwrap_or_else(|error| panic!("{error}"));
        for reference in references(&html, &index, "/") {
            if reference.kind == ReferenceKind::Script {
                let (status, content_type, _) = self.visit(reference.path.as_str()).await;
                assert!(
                    status == 200 && content_type.starts_with("text/javascript"),
                    "the live page refers to {}, which is {status} {content_type}\n{}",
                    reference.path,
                    told.story()
                );
            }
        }
    }
}

enum Asked {
    Promote(String),
    Restore,
    Resume,
}

impl SiteTold {
    /// It ends with that exit code.
    #[track_caller]
    pub fn ends(&self, exit: Exit) -> &Self {
        assert_eq!(self.exit, exit, "{}", self.story());
        self
    }

    /// A person reads that at the end.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "it does not say `{text}`\n{}", self.story());
        self
    }

    /// A person reads that on the way.
    #[track_caller]
    pub fn mentions(&self, text: &str) -> &Self {
        assert!(self.notes.contains(text), "it does not mention `{text}`\n{}", self.story());
        self
    }

    /// The last call that was carried out is of that operation.
    #[track_caller]
    pub fn sent_last(&self, operation: &str) -> &Self {
        let last = self.calls.iter().rev().find(|call| call.accepted).map(|call| call.operation.as_str());
        assert_eq!(last, Some(operation), "{}", self.story());
        self
    }

    /// The keys that were written, in the order in which S3 took them.
    pub fn written(&self) -> Vec<String> {
        let accepted = self.calls.iter().filter(|call| call.operation == "PutObject" && call.accepted);
        accepted.filter_map(|call| Some(call.input["Key"].as_str()?.to_owned())).collect()
    }

    /// How many requests S3 got.
    pub fn requests(&self) -> usize {
        self.calls.iter().filter(|call| call.service == "s3").count()
    }

    /// The calls of that operation that were carried out.
    pub fn accepted(&self, operation: &str) -> Vec<&Call> {
        self.calls.iter().filter(|call| call.operation == operation && call.accepted).collect()
    }

    /// All of it, for whoever reads a failure.
    pub fn story(&self) -> String {
        let calls: Vec<String> = self
            .calls
            .iter()
            .map(|call| format!("{} {} {:?} {:?}", call.operation, call.input["Key"], call.status, call.error))
            .collect();
        format!("{:?}\n{}\n{:#?}\n{}", self.exit, self.text, calls, self.notes)
    }
}

/// The ports of sites that a stage has.
#[must_use]
pub fn ports(aws: &Aws, application: &Application, limits: Option<Limits>) -> SitePorts {
    let bucket = aws.buckets().owned_by(application.bucket_accounts()).with_limits(limits.unwrap_or_default());
    let (files, made) = (BTreeMap::new(), BTreeMap::new());
    SitePorts { bucket: Arc::new(bucket), cdn: Arc::new(aws.cdn()), files, made }
}
