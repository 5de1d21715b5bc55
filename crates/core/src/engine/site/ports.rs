//! The ports that a run needs for the sites of its environment.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;

use crate::{
    identifier::ComponentName,
    ports::{Bucket, Cdn, FileBytes, FileError, SiteFiles},
    site::{Content, Gathering, Manifest, SiteDigest, SitePath, Survey, SurveyError, SurveyRules},
};

/// The ports of an environment's sites.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "ports are trait objects without Debug")]
pub struct SitePorts {
    /// S3 buckets.
    pub bucket: Arc<dyn Bucket>,
    /// CloudFront.
    pub cdn: Arc<dyn Cdn>,
    /// Directories of this machine that may hold the release's files, by component.
    pub files: BTreeMap<ComponentName, Arc<dyn SiteFiles>>,
    /// Manifests that the caller has made and kept, so that they need not be read.
    pub made: BTreeMap<SiteDigest, Arc<Manifest>>,
}

/// A directory that has nothing: for bytes that come from elsewhere.
pub(super) struct NoFiles;

#[async_trait]
impl SiteFiles for NoFiles {
    async fn survey(&self, rules: &SurveyRules) -> Result<Survey, SurveyError> {
        Gathering::new().finish(&self.place(), rules)
    }

    async fn read(&self, path: &SitePath, _: &Content) -> Result<FileBytes, FileError> {
        Err(FileError::Gone(path.clone()))
    }

    fn place(&self) -> String {
        "no directory".to_owned()
    }
}
