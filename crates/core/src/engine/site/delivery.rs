//! Effect Smoke for sites: what visitors get has the release's bytes and types, and then the configured checks pass.
//!
//! It asks for the front page, for the entry by its own name, for the scripts and styles that the entry refers to, and
//! for the runtime file, which pages read before anything else. A page that is answered for whatever is missing has other
//! bytes and another type, so it is found out; so is what edges have kept from before.

use std::{fmt::Write as _, time::Duration};

use futures_util::future::join_all;

use crate::{
    identifier::{CommitId, ComponentName, Version},
    promotion::{Event, Failure, FailureKind},
    site::{Content, FileClass, ManifestFile, ReferenceKind, RuntimeFile, SitePath, references},
    smoke::{Check, CheckOutcome, CheckResult, Judgement, Method, Progress, Step, judge_file},
};

use super::super::{
    notice::Notice,
    run::{Halt, Run},
    smoke,
};
use super::{
    trouble::Trouble,
    work::{Edge, Work},
};

/// How many bundles are asked for at most.
const BUNDLES: usize = 8;
/// How long edges may go on answering with something else.
const DEADLINE: Duration = Duration::from_mins(3);
const INTERVAL: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(10);

impl Run<'_> {
    /// Proves that visitors get what was published, and asks the configured checks.
    pub(in super::super) async fn smoke_site(&self, name: &ComponentName) -> Result<Vec<Event>, Halt> {
        let component = name.clone();
        let manifest = self.site_state(name)?.plan.manifest.clone();
        let expected = self.release.as_ref().map(|release| (&release.version, &release.commit));
        let visits = match self.sites.get(name) {
            Some(work) => self.visit(name, work, expected).await?,
            None => self.visit_anew(name, &manifest, expected).await?,
        };
        let failure = visits.failed().map(|failed| Failure::new(visits.kind(), smoke::words(failed)));
        let results = visits.into_results();
        Ok(vec![match failure {
            None => Event::SmokePassed { component, results },
            Some(failure) => Event::Failed { component, failure, end: None, results },
        }])
    }

    /// The same where this run knows nothing of the site yet.
    pub(super) async fn visit_anew(
        &self,
        name: &ComponentName,
        manifest: &crate::site::SiteDigest,
        expected: Option<(&Version, &CommitId)>,
    ) -> Result<Visits, Halt> {
        let site = self.site(name)?;
        let made = async {
            let wanted = self.wanted_of(site, manifest, Vec::new())?;
            self.work(name, wanted).await
        };
        match made.await {
            Ok(work) => self.visit(name, &work, expected).await,
            Err(Trouble::Finding(why) | Trouble::Ledger(why)) => Err(Halt::Suspend(format!("{name}: {why}"))),
            Err(Trouble::Call(error)) => Err(Halt::Suspend(format!("{name}: {error}"))),
        }
    }

    /// Asks for what a visitor gets first, and the configured checks.
    pub(super) async fn visit(
        &self,
        name: &ComponentName,
        work: &Work,
        expected: Option<(&Version, &CommitId)>,
    ) -> Result<Visits, Halt> {
        let (site, entry) = (self.site(name)?, &self.site_rules(name)?.survey.entry);
        let files = work.edge.as_ref().map(|edge| asked(work, edge, entry)).unwrap_or_default();
        let visits = files.iter().map(|(url, file)| self.visit_one(name, url, file));
        let files = join_all(visits).await.into_iter().collect::<Result<_, _>>()?;
        let mut visits = Visits { files, checks: Vec::new() };
        if visits.failed().is_none() {
            visits.checks = self.ask_these(name, &site.smoke, expected).await?;
        }
        Ok(visits)
    }

    async fn visit_one(&self, name: &ComponentName, url: &str, file: &ManifestFile) -> Result<CheckResult, Halt> {
        let check = check(url, file);
        let mut progress = Progress::new(&check, self.world.clock.now());
        loop {
            let attempt = self.world.probe.attempt(&check).await;
            let judgement = judge_file(&check, &attempt, &file.sha256, file.size);
            let result = judgement.to_string();
            let step = progress.record(self.world.clock.now(), judgement);
            self.observer.notice(Notice::Tried {
                component: name.clone(),
                url: check.url.clone(),
                attempt: progress.result().attempts,
                result,
            });
            match step {
                Step::Passed | Step::Failed { .. } => return Ok(progress.result().clone()),
                Step::Again { after } => self.wait(after).await?,
            }
        }
    }
}

/// What came of asking.
pub(super) struct Visits {
    /// Of the files that a visitor gets first.
    files: Vec<CheckResult>,
    /// Of the configured checks, which are asked once the files are right.
    checks: Vec<CheckResult>,
}

impl Visits {
    /// The first that did not pass.
    pub(super) fn failed(&self) -> Option<&CheckResult> {
        self.files.iter().chain(&self.checks).find(|result| result.outcome != CheckOutcome::Passed)
    }

    /// What kind of failure it is: the files that visitors get, or what a configured check says of them.
    fn kind(&self) -> FailureKind {
        let is_file = |result: &CheckResult| result.last.as_ref().is_some_and(Judgement::is_about_bytes);
        if self.checks.is_empty() || self.failed().is_some_and(is_file) {
            FailureKind::Delivery
        } else {
            FailureKind::Smoke
        }
    }

    /// All of them, in the order of asking.
    pub(super) fn into_results(self) -> Vec<CheckResult> {
        self.files.into_iter().chain(self.checks).collect()
    }
}

/// The URLs to ask, each with the file that must come.
fn asked(work: &Work, edge: &Edge, entry: &SitePath) -> Vec<(String, ManifestFile)> {
    let (manifest, pack) = (&work.next, &work.pack);
    let text = manifest.file(entry).and_then(|file| pack.get(&file.sha256));
    let text = text.map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let is_bundle = |kind: ReferenceKind| match kind {
        ReferenceKind::Script | ReferenceKind::Style => true,
        ReferenceKind::Other => false,
    };
    let bundles = references(&text, entry, root_of(&edge.base));
    let bundles = bundles.into_iter().filter(|one| is_bundle(one.kind)).map(|one| one.path).take(BUNDLES);
    let paths = std::iter::once(entry.clone()).chain(bundles);
    let of = |path: SitePath| Some((url(edge, &path), manifest.file(&path)?.clone()));
    // Edges keep what they answer at `/` by itself, and that is where visitors come in.
    let at_slash = edge.view.at_slash.as_ref().and_then(|path| Some((front(&edge.base), manifest.file(path)?.clone())));
    let runtime = work.runtime.iter().map(|(file, _)| (url(edge, &file.path), as_published(file)));
    at_slash.into_iter().chain(paths.filter_map(of)).chain(runtime).collect()
}

/// The runtime file as a manifest would have it.
fn as_published(file: &RuntimeFile) -> ManifestFile {
    let Content { sha256, size } = file.content();
    ManifestFile { sha256, size, class: FileClass::Document, headers: file.headers.clone() }
}

/// The path that every URL of the site begins with, as visitors have it.
fn root_of(base: &str) -> &str {
    let host = base.split_once("://").map_or(base, |(_, rest)| rest);
    host.find('/').map_or("/", |at| &host[at..])
}

/// The host's own front page, which a distribution answers with its default root object.
fn front(base: &str) -> String {
    format!("{}/", base.strip_suffix(root_of(base)).unwrap_or(base))
}

/// The address of a file, encoded as browsers do.
fn url(edge: &Edge, path: &SitePath) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let mut url = edge.base.clone();
    for byte in path.as_str().bytes() {
        if plain(byte) {
            url.push(char::from(byte));
        } else {
            let _written = write!(url, "%{byte:02X}");
        }
    }
    url
}

fn check(url: &str, file: &ManifestFile) -> Check {
    let media_type = file.headers.content_type.as_str().split(';').next().map(str::to_owned);
    Check {
        url: url.to_owned(),
        method: Method::Get,
        status: 200,
        json: std::collections::BTreeMap::new(),
        headers: std::collections::BTreeMap::new(),
        content_type: media_type,
        contains: None,
        consecutive: 1,
        interval: INTERVAL,
        attempt_timeout: ATTEMPT,
        deadline: DEADLINE,
    }
}
