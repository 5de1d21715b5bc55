//! The registry: its repositories, and which operation goes where.
//!
//! The operations themselves stand in the files beside this one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    access, account,
    configuration::Configuration,
    delete, describe, get,
    image::{Image, ImageId},
    layers, lifecycle, mutability, push, repositories,
    repository::Repository,
    scanning::{self, ScanSpec, Scanning},
    settings::RegistryKnobs,
    site::Site,
    token,
};
use crate::{fault::AwsError, sts::Caller};

/// ECR of one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ecr {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) repositories: BTreeMap<String, Repository>,
    #[serde(default)]
    pub(super) knobs: RegistryKnobs,
    /// Whether a layer of one repository can be mounted into another.
    #[serde(default)]
    pub(super) mounts_layers: bool,
    #[serde(default)]
    pub(super) scanning: Scanning,
    /// What becomes of scans; the first that is about an image holds.
    #[serde(default)]
    pub(super) scans: Vec<ScanSpec>,
}

impl Ecr {
    /// A registry without repositories.
    pub fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            repositories: BTreeMap::new(),
            knobs: RegistryKnobs::default(),
            mounts_layers: false,
            scanning: Scanning::default(),
            scans: Vec::new(),
        }
    }

    /// Changes the settings.
    pub(crate) fn set_knobs(&mut self, knobs: RegistryKnobs) {
        self.scanning = Scanning::of(knobs.scan_type);
        self.knobs = knobs;
    }

    /// Performs an operation of `caller`, also one for which the bytes of layers are needed.
    pub(crate) fn perform(
        &mut self,
        operation: &str,
        input: &Value,
        (caller, site): (&Caller, &Site),
        now: Timestamp,
    ) -> Result<Value, AwsError> {
        match operation {
            "GetAuthorizationToken" => {
                let endpoint = self.knobs.loopback_endpoint.then_some(site.endpoint.as_str());
                token::issue(self, input, (&caller.arn, endpoint), now)
            }
            "GetDownloadUrlForLayer" => layers::download_url(self, input, site, now),
            "InitiateLayerUpload" => layers::initiate(self, input, site),
            "UploadLayerPart" => layers::upload_part(self, input, site),
            "CompleteLayerUpload" => layers::complete(self, input, site),
            other => self.call(other, input, now),
        }
    }

    /// Performs one API operation (`PutImage`, …) at `now`.
    ///
    /// # Errors
    /// What AWS would answer.
    pub fn call(&mut self, operation: &str, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
        match operation {
            "CreateRepository" => repositories::create(self, input, now),
            "DescribeRepositories" => repositories::describe(self, input),
            "DeleteRepository" => repositories::delete(self, input),
            "PutImage" => push::put(self, input, now),
            "BatchGetImage" => get::batch_get(self, input),
            "DescribeImages" => describe::describe(self, input, now),
            "ListImages" => describe::list(self, input),
            "BatchDeleteImage" => delete::batch_delete(self, input),
            "BatchCheckLayerAvailability" => layers::check(self, input),
            "PutImageTagMutability" => mutability::put(self, input),
            "PutLifecyclePolicy" => lifecycle::put(self, input, now),
            "GetLifecyclePolicy" => lifecycle::get(self, input),
            "DeleteLifecyclePolicy" => lifecycle::delete(self, input),
            "StartLifecyclePolicyPreview" => lifecycle::start_preview(self, input),
            "GetLifecyclePolicyPreview" => lifecycle::get_preview(self, input, now),
            "StartImageScan" => scanning::start(self, input, now),
            "DescribeImageScanFindings" => scanning::describe_findings(self, input, now),
            "PutRegistryScanningConfiguration" => scanning::put_registry(self, input),
            "GetRegistryScanningConfiguration" => scanning::get_registry(self, input),
            "PutImageScanningConfiguration" => scanning::put_repository(self, input),
            "BatchGetRepositoryScanningConfiguration" => scanning::get_repositories(self, input),
            "DescribeRegistry" => account::describe(self, input),
            "PutAccountSetting" => account::put(self, input),
            "GetAccountSetting" => account::get(self, input),
            "SetRepositoryPolicy" => access::set(self, input),
            "GetRepositoryPolicy" => access::get(self, input),
            "DeleteRepositoryPolicy" => access::delete(self, input),
            "GetAuthorizationToken" => {
                let principal = format!("arn:aws:iam::{}:user/simulator", self.account);
                token::issue(self, input, (&principal, None), now)
            }
            unknown => Err(AwsError::client(
                "UnknownOperationException",
                format!("The simulator does not know the ECR operation '{unknown}'"),
            )),
        }
    }

    /// The image behind `id` and its digest, if there is one.
    pub(crate) fn find(&self, repository: &str, id: &ImageId) -> Option<(&str, &Image)> {
        self.repositories.get(repository)?.find(id)
    }

    /// What the configuration of an image of `repository` says, if it is known.
    pub(crate) fn configuration(&self, repository: &str, image: &Image) -> Option<&Configuration> {
        self.repositories.get(repository)?.configuration(image)
    }

    /// Notes that an image was pulled.
    pub(crate) fn note_pull(&mut self, repository: &str, digest: &str, now: Timestamp) {
        let repository = self.repositories.get_mut(repository);
        if let Some(image) = repository.and_then(|repository| repository.images.get_mut(digest)) {
            image.pulled_at = Some(now);
        }
    }

    /// Refuses a repository that is not there.
    pub(crate) fn check_repository(&self, name: &str) -> Result<(), AwsError> {
        self.repository(name).map(drop)
    }

    pub(super) fn repository(&self, name: &str) -> Result<&Repository, AwsError> {
        self.repositories.get(name).ok_or_else(|| self.no_repository(name))
    }

    pub(super) fn repository_mut(&mut self, name: &str) -> Result<&mut Repository, AwsError> {
        let missing = self.no_repository(name);
        self.repositories.get_mut(name).ok_or(missing)
    }

    fn no_repository(&self, name: &str) -> AwsError {
        AwsError::client(
            "RepositoryNotFoundException",
            format!("The repository with name '{name}' does not exist in the registry with id '{}'", self.account),
        )
    }
}
