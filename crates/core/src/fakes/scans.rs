//! [`FakeScans`]: a registry's scanner whose answers are put there.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;

use crate::{
    identifier::{Digest, ImageReference},
    ports::{Answer, CallError, Scans},
};

use super::mishap::{Mishap, Mishaps, locked};

/// Answers by digest. Of several the last one stays; for an image that has none there is no scan.
#[derive(Debug, Default)]
pub struct FakeScans {
    answers: Mutex<BTreeMap<Digest, VecDeque<Answer>>>,
    mishaps: Mishaps,
}

impl FakeScans {
    /// A scanner that knows of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What it says of that image, one after another.
    pub fn answer(&self, image: &Digest, answers: impl IntoIterator<Item = Answer>) {
        locked(&self.answers).insert(image.clone(), answers.into_iter().collect());
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }
}

#[async_trait]
impl Scans for FakeScans {
    async fn scan(&self, image: &ImageReference) -> Result<Answer, CallError> {
        let answer = || {
            let mut answers = locked(&self.answers);
            let Some(answers) = answers.get_mut(image.digest()) else {
                return Ok(Answer::NotThere);
            };
            let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
            Ok(next.unwrap_or(Answer::NotThere))
        };
        self.mishaps.read("ecr:DescribeImageScanFindings", answer).await
    }
}
