//! The registry: its repositories, and which operation goes where.
//!
//! The operations themselves stand in the files beside this one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    delete, describe, get,
    image::{Image, ImageId},
    push, repositories,
    repository::Repository,
    token,
};
use crate::fault::AwsError;

/// ECR of one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ecr {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) repositories: BTreeMap<String, Repository>,
}

impl Ecr {
    /// A registry without repositories.
    pub fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), repositories: BTreeMap::new() }
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
            "DescribeImages" => describe::describe(self, input),
            "ListImages" => describe::list(self, input),
            "BatchDeleteImage" => delete::batch_delete(self, input),
            "GetAuthorizationToken" => token::issue(self, input, now),
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

    pub(super) fn repository(&self, name: &str) -> Result<&Repository, AwsError> {
        self.repositories.get(name).ok_or_else(|| self.no_repository(name))
    }

    pub(super) fn repository_mut(&mut self, name: &str) -> Result<&mut Repository, AwsError> {
        let missing = self.no_repository(name);
        self.repositories.get_mut(name).ok_or(missing)
    }

    pub(super) fn no_repository(&self, name: &str) -> AwsError {
        AwsError::client(
            "RepositoryNotFoundException",
            format!("The repository with name '{name}' does not exist in the registry with id '{}'", self.account),
        )
    }
}

/// The account whose registry an operation of `caller` is about.
///
/// Reading in another account is allowed, as with a repository policy that lets it; changing is not.
pub(crate) fn owner(operation: &str, input: &Value, caller: &str) -> Result<String, AwsError> {
    let asked = input.get("registryId").and_then(Value::as_str).unwrap_or(caller);
    let is_read = matches!(operation, "DescribeRepositories" | "BatchGetImage" | "DescribeImages" | "ListImages");
    if asked.len() != 12 || !asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AwsError::client(
            "InvalidParameterException",
            "Invalid parameter at 'registryId' failed to satisfy constraint: 'must satisfy regular expression '[0-9]{12}''",
        ));
    }
    if asked == caller || is_read {
        return Ok(asked.to_owned());
    }
    Err(AwsError::client(
        "AccessDeniedException",
        format!(
            "Account {caller} is not authorized to perform: ecr:{operation} in the registry of account {asked} because no resource-based policy allows the ecr:{operation} action"
        ),
    ))
}
