//! Buckets, a directory in memory, and what the tests ask of both.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use towpath_aws::{AccessKeys, Aws, Limits, Patience, S3Bucket, Settings, Source};
use towpath_core::{
    ports::{FileBytes, FileError, SiteFiles, Upload, UploadSource, WHOLE_LIMIT},
    site::{Content, Gathering, Headers, Home, SiteObject, SitePath, Survey, SurveyError, SurveyRules},
};
use towpath_sim::{Options, Pace, Simulator, faults::Fault, scenario::Scenario};

pub(super) const ACCOUNT: &str = "111111111111";

const WORLD: &str = r#"
default-account = "111111111111"
default-region = "us-west-2"

[[buckets]]
name = "shop"

[[buckets]]
name = "kept"
versioning = true

[[buckets]]
name = "staging"

[[buckets]]
name = "elsewhere"
region = "eu-central-1"
"#;

/// The buckets `shop`, `kept` with versions, `staging`, and `elsewhere` in another region.
pub(super) async fn buckets() -> Simulator {
    buckets_that("").await
}

/// The same, with these settings of S3.
pub(super) async fn buckets_that(settings: &str) -> Simulator {
    let text = format!("{WORLD}\n[s3]\n{settings}");
    let scenario = Scenario::from_toml(&text, "buckets").unwrap();
    let options = Options { listen: SocketAddr::from(([127, 0, 0, 1], 0)), scenario, pace: Pace::Stepped, state: None };
    Simulator::start(options).await.unwrap()
}

/// The adapter; small files are large for it.
pub(super) async fn bucket(simulator: &Simulator) -> S3Bucket {
    let limits = Limits { whole: 600 * 1024, part: 256 * 1024, whole_copy: 700 * 1024, copied_part: 300 * 1024 };
    aws(simulator).await.buckets().with_limits(limits)
}

pub(super) async fn aws(simulator: &Simulator) -> Aws {
    let settings = Settings {
        endpoint: Some(simulator.endpoint()),
        source: Source::Keys(AccessKeys::new(format!("AKIASIM0{ACCOUNT}"), "simulated", None)),
        patience: Patience {
            attempt: Duration::from_millis(400),
            first_pause: Duration::from_millis(4),
            ..Patience::default()
        },
        ..Settings::new("us-west-2".parse().unwrap(), ACCOUNT.parse().unwrap())
    };
    Aws::connect(settings).await.unwrap()
}

pub(super) fn home(bucket: &str) -> Home {
    Home { bucket: bucket.parse().unwrap(), prefix: "app".parse().unwrap() }
}

pub(super) fn file(path: &str) -> SiteObject {
    SiteObject::File(path.parse().unwrap())
}

pub(super) fn headers() -> Headers {
    Headers {
        content_type: "text/javascript; charset=utf-8".parse().unwrap(),
        cache_control: "public, max-age=31536000, immutable".parse().unwrap(),
        content_encoding: Some("br".parse().unwrap()),
        content_disposition: None,
        content_language: None,
    }
}

/// Strikes calls of S3.
pub(super) fn strike(simulator: &Simulator, operation: &str, kind: &str, more: &Value) {
    let mut fault = json!({"operation": operation, "service": "s3", "kind": kind});
    for (name, value) in more.as_object().unwrap() {
        fault[name] = value.clone();
    }
    simulator.add_fault(serde_json::from_value::<Fault>(fault).unwrap());
}

/// How often an operation was asked for.
pub(super) fn asked(simulator: &Simulator, operation: &str) -> usize {
    simulator.calls().iter().filter(|call| call.operation == operation).count()
}

/// A directory in memory.
#[derive(Default)]
pub(super) struct Memory {
    files: BTreeMap<SitePath, Bytes>,
    /// What is read in place of the bytes that were surveyed, once.
    changed: Mutex<BTreeMap<SitePath, Bytes>>,
}

impl Memory {
    /// Files, each with so many bytes that differ from file to file.
    pub(super) fn of(files: &[(&str, usize)]) -> Self {
        let bytes = |path: &str, size: usize| path.bytes().cycle().take(size).collect::<Vec<u8>>().into();
        let files = files.iter().map(|(path, size)| (path.parse().unwrap(), bytes(path, *size))).collect();
        Self { files, changed: Mutex::default() }
    }

    /// Has the file read as if somebody wrote to it meanwhile.
    pub(super) fn change(&self, path: &str, bytes: &[u8]) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert(path.parse().unwrap(), Bytes::copy_from_slice(bytes));
    }

    pub(super) fn content(&self, path: &str) -> Content {
        Content::of(&self.files[&path.parse::<SitePath>().unwrap()])
    }

    /// All of them as a wave.
    pub(super) fn wave(&self) -> Vec<Upload> {
        let upload = |(path, bytes): (&SitePath, &Bytes)| Upload {
            to: SiteObject::File(path.clone()),
            content: Content::of(bytes),
            headers: headers(),
            source: UploadSource::File(path.clone()),
        };
        self.files.iter().map(upload).collect()
    }
}

#[async_trait]
impl SiteFiles for Memory {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        Gathering::new().finish(&self.place(), rules)
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        let gone = || FileError::Gone(path.clone());
        let bytes = changed.or_else(|| self.files.get(path).cloned()).ok_or_else(gone)?;
        let is_right = Content::of(&bytes) == *content;
        if content.size <= WHOLE_LIMIT {
            return if is_right { Ok(FileBytes::Whole(bytes)) } else { Err(FileError::Changed(path.clone())) };
        }
        let mut pieces: Vec<Result<Bytes, FileError>> =
            bytes.chunks(100_000).map(|piece| Ok(bytes.slice_ref(piece))).collect();
        if !is_right {
            // As the port wants it: the error comes before as many bytes as were asked for.
            pieces.truncate(pieces.len() / 2);
            pieces.push(Err(FileError::Changed(path.clone())));
        }
        Ok(FileBytes::Pieces(stream::iter(pieces).boxed()))
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }
}
