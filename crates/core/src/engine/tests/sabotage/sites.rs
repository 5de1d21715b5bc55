//! The ports of sites behind the saboteur: a wave is as many calls as it has objects, and after each write visitors come.

#![expect(clippy::result_large_err, reason = "it hands on the ports' own error")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use crate::{
    engine::SitePorts,
    fakes::{FakeBuckets, FakeEdge, FakeSiteFiles, ScriptedProbe},
    identifier::{DistributionId, InvalidationId, Sha256},
    ports::{
        Bucket, BucketError, Carried, Cdn, CdnError, Copy, Deleted, Distribution, ETag, Examined, Failure, FileBytes,
        FileError, Invalidation, Listed, Missed, Probe, Progress, PutMarker, SiteFiles, StoredMarker, Upload, Waved,
    },
    site::{
        Content, Home, InvalidationPath, InvalidationReference, SiteObject, SitePath, Survey, SurveyError,
        SurveyProblem, SurveyRules,
    },
    smoke::{Attempt, Check},
};

use super::{plan::Said, ports::Ports};

/// What the adapters and AWS may do in one way or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::engine::tests) struct Guesses {
    /// The objects of a wave are written in their order; otherwise the last first.
    pub(in crate::engine::tests) in_order: bool,
    /// What of a wave is under way when one object fails is all that was left of it; otherwise nothing is.
    pub(in crate::engine::tests) all_under_way: bool,
}

/// What visitors get in place of the real answer, for every URL with that in it.
type Lie = (&'static str, Attempt);

/// The ports of sites.
pub(in crate::engine::tests) struct Saboteur {
    ports: Arc<Ports>,
    probe: Arc<ScriptedProbe>,
    buckets: Arc<FakeBuckets>,
    edge: Arc<FakeEdge>,
    guesses: Mutex<Guesses>,
    visited: Mutex<Vec<String>>,
    lie: Mutex<Option<Lie>>,
}

/// A directory.
struct Files {
    ports: Arc<Ports>,
    files: Arc<FakeSiteFiles>,
}

fn set<T>(mutex: &Mutex<T>, value: T) {
    *mutex.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn get<T: Clone>(mutex: &Mutex<T>) -> T {
    mutex.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Saboteur {
    pub(in crate::engine::tests) fn over(
        ports: &Arc<Ports>,
        probe: &Arc<ScriptedProbe>,
        buckets: &Arc<FakeBuckets>,
        edge: &Arc<FakeEdge>,
    ) -> Arc<Self> {
        Arc::new(Self {
            ports: Arc::clone(ports),
            probe: Arc::clone(probe),
            buckets: Arc::clone(buckets),
            edge: Arc::clone(edge),
            guesses: Mutex::new(Guesses { in_order: false, all_under_way: false }),
            visited: Mutex::default(),
            lie: Mutex::default(),
        })
    }

    pub(in crate::engine::tests) fn site_ports(self: &Arc<Self>) -> SitePorts {
        SitePorts {
            bucket: Arc::clone(self) as _,
            cdn: Arc::clone(self) as _,
            files: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// A directory behind the saboteur.
    pub(in crate::engine::tests) fn files(&self, files: Arc<FakeSiteFiles>) -> Arc<dyn SiteFiles> {
        Arc::new(Files { ports: Arc::clone(&self.ports), files })
    }

    pub(in crate::engine::tests) fn guess(&self, guesses: Guesses) {
        set(&self.guesses, guesses);
    }

    /// From now on, somebody visits these paths after every write.
    pub(in crate::engine::tests) fn visited(&self, paths: impl IntoIterator<Item = String>) {
        set(&self.visited, paths.into_iter().collect());
    }

    /// From now on, this is answered for every URL of the site with that in it.
    pub(in crate::engine::tests) fn lie(&self, lie: Option<Lie>) {
        set(&self.lie, lie);
    }

    /// What a visitor gets.
    pub(in crate::engine::tests) fn visit(&self, url: &str) -> Attempt {
        let lie = get(&self.lie).filter(|(what, _)| url.contains(what)).map(|(_, answer)| answer);
        lie.unwrap_or_else(|| self.edge.visit(url))
    }

    fn wrote<T, E>(&self, operation: &'static str, answer: Result<T, E>) -> Result<T, E> {
        if answer.is_ok() {
            self.ports.changed(operation);
            for path in get(&self.visited) {
                let _visited = self.edge.visit(&format!("https://d111111abcdef8.cloudfront.net/{path}"));
            }
        }
        answer
    }

    /// A wave of that many objects, one after the other.
    async fn wave(&self, count: usize, mut one: impl AsyncWave) -> Waved {
        let guesses = get(&self.guesses);
        let (mut carried, mut failures) = (Carried::default(), Vec::new());
        for done in 0..count {
            let at = if guesses.in_order { done } else { count - 1 - done };
            match one.carry(at).await {
                Ok(more) => carried = plus(carried, more),
                Err(failure) => {
                    failures.push(failure);
                    if !guesses.all_under_way {
                        return Err(Missed { failures, not_begun: count - done - 1, carried });
                    }
                }
            }
        }
        if failures.is_empty() { Ok(carried) } else { Err(Missed { failures, not_begun: 0, carried }) }
    }
}

/// One object of a wave at a time.
trait AsyncWave: Send {
    fn carry(&mut self, at: usize) -> impl Future<Output = Result<Carried, Failure>> + Send;
}

struct Uploads<'a> {
    saboteur: &'a Saboteur,
    home: &'a Home,
    wave: &'a [Upload],
    files: &'a dyn SiteFiles,
    progress: &'a dyn Progress,
}

impl AsyncWave for Uploads<'_> {
    async fn carry(&mut self, at: usize) -> Result<Carried, Failure> {
        let (saboteur, upload) = (self.saboteur, &self.wave[at]);
        let sent = async {
            let sent = saboteur.buckets.upload(self.home, std::slice::from_ref(upload), self.files, self.progress);
            saboteur.wrote("bucket:upload", sent.await.map_err(only))
        };
        let error = saboteur.ports.call_or("bucket:upload", said_of_wave, sent).await;
        error.map_err(|error| Failure { object: upload.to.clone(), error })
    }
}

struct Copies<'a> {
    saboteur: &'a Saboteur,
    home: &'a Home,
    wave: &'a [Copy],
    progress: &'a dyn Progress,
}

impl AsyncWave for Copies<'_> {
    async fn carry(&mut self, at: usize) -> Result<Carried, Failure> {
        let (saboteur, copy) = (self.saboteur, &self.wave[at]);
        let copied = async {
            let copied = saboteur.buckets.copy(self.home, std::slice::from_ref(copy), self.progress);
            saboteur.wrote("bucket:copy", copied.await.map_err(only))
        };
        let error = saboteur.ports.call_or("bucket:copy", said_of_wave, copied).await;
        error.map_err(|error| Failure { object: copy.to.clone(), error })
    }
}

/// Why the only object of a wave was missed.
fn only(mut missed: Missed) -> BucketError {
    missed.failures.remove(0).error
}

fn plus(one: Carried, other: Carried) -> Carried {
    Carried {
        objects: one.objects + other.objects,
        bytes: one.bytes + other.bytes,
        requests: one.requests + other.requests,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed on as it comes")]
fn unfitting<T>(said: Said) -> T {
    panic!("this port cannot say {said:?}")
}

fn said_of_wave(said: Said) -> Result<Carried, BucketError> {
    said_of_bucket(said)
}

fn said_of_bucket<T>(said: Said) -> Result<T, BucketError> {
    match said {
        Said::Bucket(error) => Err(error),
        Said::File(error) => Err(error.into()),
        Said::Cdn(_) | Said::Answer(_) | Said::Garbled => unfitting(said),
    }
}

fn said_of_cdn<T>(said: Said) -> Result<T, CdnError> {
    match said {
        Said::Cdn(error) => Err(error),
        Said::Bucket(_) | Said::File(_) | Said::Answer(_) | Said::Garbled => unfitting(said),
    }
}

#[async_trait]
impl Bucket for Saboteur {
    async fn marker(&self, home: &Home) -> Result<Option<StoredMarker>, BucketError> {
        let real = self.buckets.marker(home).await;
        let said = |said: Said| match said {
            Said::Garbled => {
                let real = real.clone()?;
                Ok(real.map(|real| StoredMarker { bytes: "<html>".into(), etag: real.etag }))
            }
            Said::Bucket(error) => Err(error),
            Said::File(_) | Said::Cdn(_) | Said::Answer(_) => unfitting(said),
        };
        self.ports.call_or("bucket:marker", said, async { real.clone() }).await
    }

    async fn put_marker(&self, home: &Home, marker: &PutMarker) -> Result<ETag, BucketError> {
        let put = async { self.wrote("bucket:put_marker", self.buckets.put_marker(home, marker).await) };
        self.ports.call_or("bucket:put_marker", said_of_bucket, put).await
    }

    async fn upload(&self, home: &Home, wave: &[Upload], files: &dyn SiteFiles, progress: &dyn Progress) -> Waved {
        self.wave(wave.len(), Uploads { saboteur: self, home, wave, files, progress }).await
    }

    async fn copy(&self, home: &Home, wave: &[Copy], progress: &dyn Progress) -> Waved {
        self.wave(wave.len(), Copies { saboteur: self, home, wave, progress }).await
    }

    async fn delete(&self, home: &Home, objects: &[SiteObject]) -> Result<Deleted, BucketError> {
        let each = |error: BucketError| {
            let failure = |object: &SiteObject| Failure { object: object.clone(), error: error.clone() };
            Ok(Deleted { gone: Vec::new(), failed: objects.iter().map(failure).collect() })
        };
        let said = |said: Said| said_of_bucket(said).or_else(each);
        let deleted = async { self.wrote("bucket:delete", self.buckets.delete(home, objects).await) };
        self.ports.call_or("bucket:delete", said, deleted).await
    }

    async fn list(&self, home: &Home) -> Result<Vec<Listed>, BucketError> {
        self.ports.call_or("bucket:list", said_of_bucket, self.buckets.list(home)).await
    }

    async fn kept(&self, home: &Home) -> Result<BTreeSet<Sha256>, BucketError> {
        self.ports.call_or("bucket:kept", said_of_bucket, self.buckets.kept(home)).await
    }

    async fn examine(&self, home: &Home, paths: &[SitePath]) -> Result<Vec<Examined>, BucketError> {
        self.ports.call_or("bucket:examine", said_of_bucket, self.buckets.examine(home, paths)).await
    }
}

#[async_trait]
impl Cdn for Saboteur {
    async fn distribution(&self, id: &DistributionId) -> Result<Distribution, CdnError> {
        let real = self.edge.distribution(id).await;
        let said = |said: Said| match said {
            Said::Garbled => real.clone().map(|real| Distribution { default_origin: None, ..real }),
            Said::Cdn(error) => Err(error),
            Said::Bucket(_) | Said::File(_) | Said::Answer(_) => unfitting(said),
        };
        self.ports.call_or("cdn:distribution", said, async { real.clone() }).await
    }

    async fn invalidate(
        &self,
        id: &DistributionId,
        reference: &InvalidationReference,
        paths: &[InvalidationPath],
    ) -> Result<Invalidation, CdnError> {
        let asked = async { self.wrote("cdn:invalidate", self.edge.invalidate(id, reference, paths).await) };
        self.ports.call_or("cdn:invalidate", said_of_cdn, asked).await
    }

    async fn invalidation(&self, id: &DistributionId, invalidation: &InvalidationId) -> Result<Invalidation, CdnError> {
        self.ports.call_or("cdn:invalidation", said_of_cdn, self.edge.invalidation(id, invalidation)).await
    }
}

#[async_trait]
impl Probe for Saboteur {
    async fn attempt(&self, check: &Check) -> Attempt {
        if !check.url.contains("cloudfront") {
            return self.probe.attempt(check).await;
        }
        let said = |said: Option<Said>| match said {
            Some(Said::Answer(attempt)) => attempt,
            Some(other) => unfitting(other),
            None => ScriptedProbe::refused(),
        };
        self.ports.ask("probe:attempt", said, async { self.visit(&check.url) }).await
    }
}

#[async_trait]
impl SiteFiles for Files {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        let said = |_: Option<Said>| {
            let mut gathering = crate::site::Gathering::new();
            gathering.problem(SurveyProblem::Missing);
            gathering.finish("memory", rules)
        };
        self.ports.ask("files:survey", said, self.files.survey(rules)).await
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let said = |said: Option<Said>| match said {
            Some(Said::File(error)) => Err(error),
            Some(other) => unfitting(other),
            None => Err(FileError::Gone(path.clone())),
        };
        self.ports.ask("files:read", said, self.files.read(path, content)).await
    }

    fn place(&self) -> String {
        self.files.place()
    }
}
