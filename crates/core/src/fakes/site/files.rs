//! [`FakeSiteFiles`]: a directory in memory.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    fakes::mishap::locked,
    ports::{FileBytes, FileError, SiteFiles},
    site::{Content, Gathering, SitePath, Survey, SurveyError, SurveyProblem, SurveyRules},
};

/// A directory.
#[derive(Debug, Default)]
pub struct FakeSiteFiles {
    files: Mutex<BTreeMap<SitePath, Bytes>>,
    problems: Mutex<Vec<SurveyProblem>>,
}

impl FakeSiteFiles {
    /// A directory with these files.
    pub fn new<'a>(files: impl IntoIterator<Item = (SitePath, &'a [u8])>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path, Bytes::copy_from_slice(bytes))).collect();
        Self { files: Mutex::new(files), problems: Mutex::default() }
    }

    /// Writes a file.
    pub fn write(&self, path: SitePath, bytes: &[u8]) {
        locked(&self.files).insert(path, Bytes::copy_from_slice(bytes));
    }

    /// From now on, a look through the directory comes across this.
    pub fn problem(&self, problem: SurveyProblem) {
        locked(&self.problems).push(problem);
    }
}

#[async_trait]
impl SiteFiles for FakeSiteFiles {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        let mut gathering = Gathering::new();
        for (path, bytes) in locked(&self.files).iter().filter(|(path, _)| !rules.leaves_out(path.as_str())) {
            gathering.file(path.clone(), Content::of(bytes));
        }
        for problem in locked(&self.problems).iter() {
            gathering.problem(problem.clone());
        }
        gathering.finish(&self.place(), rules)
    }

    async fn read(&self, path: &SitePath, content: &Content) -> Result<FileBytes, FileError> {
        let found = locked(&self.files).get(path).cloned();
        let bytes = found.ok_or_else(|| FileError::Gone(path.clone()))?;
        if Content::of(&bytes) == *content {
            Ok(FileBytes::Whole(bytes))
        } else {
            Err(FileError::Changed(path.clone()))
        }
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }
}
