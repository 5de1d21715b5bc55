//! [`FakeEdge`]: a distribution before one bucket, whose edge keeps whatever it has answered once until it is told.
//!
//! That is stricter than any edge: `no-cache` is not honoured, so what is not invalidated stays as it was.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use crate::{
    fakes::mishap::{Mishap, Mishaps, locked},
    identifier::{BucketName, DistributionId, InvalidationId},
    ports::{Cdn, CdnError, Distribution, Invalidation, InvalidationStatus, Origin},
    site::{InvalidationPath, InvalidationReference},
    smoke::{Answer, Attempt},
};

use super::bucket::FakeBuckets;

/// The id of the distribution.
const ID: &str = "EFAKE";
/// Its domain.
const DOMAIN: &str = "d111111abcdef8.cloudfront.net";

/// What was asked to be forgotten.
#[derive(Debug, Clone)]
struct Asked {
    reference: String,
    paths: Vec<InvalidationPath>,
    /// How many more looks find it in progress.
    looks: u32,
}

/// The paths that an edge keeps with what it answers there, and the references of invalidations with the looks that find
/// them in progress.
pub type EdgeContents = (Vec<(String, Vec<u8>)>, Vec<(String, u32)>);

/// A distribution.
#[derive(Debug)]
pub struct FakeEdge {
    buckets: Arc<FakeBuckets>,
    bucket: BucketName,
    kept: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
    /// What is answered for whatever is not there, with status 200.
    fallback: Mutex<Option<String>>,
    /// A path whose answer stays whatever is asked to be forgotten.
    stubborn: Mutex<Option<String>>,
    forgets_at_once: Mutex<bool>,
    mishaps: Mishaps,
}

impl FakeEdge {
    /// A distribution before that bucket.
    pub fn new(buckets: &Arc<FakeBuckets>, bucket: &BucketName) -> Self {
        Self {
            buckets: Arc::clone(buckets),
            bucket: bucket.clone(),
            kept: Mutex::default(),
            asked: Mutex::default(),
            fallback: Mutex::default(),
            stubborn: Mutex::default(),
            forgets_at_once: Mutex::default(),
            mishaps: Mishaps::default(),
        }
    }

    /// Its id.
    ///
    /// # Panics
    /// Never.
    pub fn id(&self) -> DistributionId {
        ID.parse().expect("an id")
    }

    /// What is answered for whatever is not there from now on, with status 200.
    pub fn fall_back(&self, key: &str) {
        *locked(&self.fallback) = Some(key.to_owned());
    }

    /// Answers at this path as it did before, from now on, whatever is asked to be forgotten.
    pub fn never_forgets(&self, path: &str) {
        *locked(&self.stubborn) = Some(path.to_owned());
    }

    /// From now on, what is asked to be forgotten is forgotten before the answer comes. How long CloudFront takes is not
    /// documented; without this it takes two looks.
    pub fn forget_at_once(&self) {
        *locked(&self.forgets_at_once) = true;
    }

    /// All that can make a difference to what visitors get: what is kept, and what was asked to be forgotten.
    pub fn contents(&self) -> EdgeContents {
        let kept = locked(&self.kept).iter().map(|(path, answer)| (path.clone(), answer.body.clone())).collect();
        let asked = locked(&self.asked).iter().map(|asked| (asked.reference.clone(), asked.looks)).collect();
        (kept, asked)
    }

    /// Keeps the same answers as the other one, and was asked to forget the same.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        *locked(&self.kept) = locked(&other.kept).clone();
        *locked(&self.asked) = locked(&other.asked).clone();
        *locked(&self.fallback) = locked(&other.fallback).clone();
        *locked(&self.stubborn) = locked(&other.stubborn).clone();
        *locked(&self.forgets_at_once) = *locked(&other.forgets_at_once);
    }

    /// What happens to the next call.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }

    /// Every invalidation that was accepted: its reference and paths.
    pub fn invalidations(&self) -> Vec<(String, Vec<String>)> {
        let told = |asked: &Asked| (asked.reference.clone(), asked.paths.iter().map(ToString::to_string).collect());
        locked(&self.asked).iter().map(told).collect()
    }

    /// What a visitor gets for a URL of the distribution.
    pub fn visit(&self, url: &str) -> Attempt {
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        let path = path.split('?').next().unwrap_or_default();
        let key = if path.is_empty() { "index.html" } else { path };
        if let Some(kept) = locked(&self.kept).get(&format!("/{path}")) {
            return Attempt::Answered(kept.clone());
        }
        let fallback = locked(&self.fallback).clone();
        let found = self.buckets.object(&self.bucket, key);
        let found = found.or_else(|| self.buckets.object(&self.bucket, &fallback?));
        let Some(object) = found else {
            return Attempt::Answered(Answer { status: 403, headers: BTreeMap::new(), body: b"denied".to_vec() });
        };
        let content_type = object.headers.as_ref().map(|headers| headers.content_type.as_str().to_owned());
        let headers = content_type.map(|value| ("content-type".to_owned(), value)).into_iter().collect();
        let answer = Answer { status: 200, headers, body: object.bytes.to_vec() };
        locked(&self.kept).insert(format!("/{path}"), answer.clone());
        Attempt::Answered(answer)
    }

    fn forget(&self, paths: &[InvalidationPath]) {
        let is_meant = |kept: &str| {
            paths.iter().any(|path| match path.as_str().strip_suffix('*') {
                Some(before) => kept.starts_with(before),
                None => kept == path.as_str(),
            })
        };
        let stubborn = locked(&self.stubborn).clone();
        locked(&self.kept).retain(|kept, _| stubborn.as_ref() == Some(kept) || !is_meant(kept));
    }
}

#[async_trait]
impl Cdn for FakeEdge {
    async fn distribution(&self, id: &DistributionId) -> Result<Distribution, CdnError> {
        let read = || {
            Ok(Distribution {
                id: id.clone(),
                domain: DOMAIN.to_owned(),
                aliases: Vec::new(),
                is_enabled: true,
                is_deployed: true,
                default_origin: Some(Origin {
                    domain: format!("{}.s3.us-west-2.amazonaws.com", self.bucket),
                    path: String::new(),
                }),
                other_origins: Vec::new(),
                default_root: Some("index.html".to_owned()),
                error_documents: Vec::new(),
            })
        };
        if *id != self.id() {
            return Err(CdnError::NoDistribution(id.clone()));
        }
        Ok(self.mishaps.read("cloudfront:GetDistribution", read).await?)
    }

    async fn invalidate(
        &self,
        id: &DistributionId,
        reference: &InvalidationReference,
        paths: &[InvalidationPath],
    ) -> Result<Invalidation, CdnError> {
        if *id != self.id() {
            return Err(CdnError::NoDistribution(id.clone()));
        }
        let change = || {
            let mut asked = locked(&self.asked);
            let known = asked.iter().position(|one| one.reference == reference.as_str());
            if known.is_some_and(|at| asked[at].paths != paths) {
                return Err(CdnError::ReferenceTaken(reference.clone()));
            }
            let at = known.unwrap_or(asked.len());
            let is_at_once = *locked(&self.forgets_at_once);
            if known.is_none() {
                let looks = if is_at_once { 0 } else { 2 };
                asked.push(Asked { reference: reference.as_str().to_owned(), paths: paths.to_vec(), looks });
                if is_at_once {
                    self.forget(paths);
                }
            }
            let is_over = asked[at].looks == 0;
            let status = if is_over { InvalidationStatus::Completed } else { InvalidationStatus::InProgress };
            Ok(Invalidation { id: number(at), status })
        };
        self.mishaps.change("cloudfront:CreateInvalidation", change).await
    }

    async fn invalidation(&self, _: &DistributionId, invalidation: &InvalidationId) -> Result<Invalidation, CdnError> {
        let look = || {
            let mut asked = locked(&self.asked);
            let found = (0..asked.len()).find(|at| number(*at) == *invalidation);
            let Some(at) = found else {
                return Ok(None);
            };
            asked[at].looks = asked[at].looks.saturating_sub(1);
            Ok(Some((asked[at].looks, asked[at].paths.clone())))
        };
        let Some((looks, paths)) = self.mishaps.read("cloudfront:GetInvalidation", look).await? else {
            return Err(CdnError::NoInvalidation(invalidation.clone()));
        };
        if looks > 0 {
            return Ok(Invalidation { id: invalidation.clone(), status: InvalidationStatus::InProgress });
        }
        self.forget(&paths);
        Ok(Invalidation { id: invalidation.clone(), status: InvalidationStatus::Completed })
    }
}

fn number(at: usize) -> InvalidationId {
    format!("I{at}").parse().expect("letters and digits")
}
