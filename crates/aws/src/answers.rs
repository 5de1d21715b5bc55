//! AWS's answers in JSON, read as the adapters read them: for whoever has an answer and no connection, such as one that
//! was recorded.
//!
//! It calls nothing, and knows only the answers that the adapters take as JSON: those of the other services come through
//! the SDK's types.

use std::collections::BTreeMap;

use serde_json::Value;
use towpath_core::{
    identifier::{Digest, ServiceName},
    ports::{Platform, RegisteredRevision},
    rollout::{LogLine, ServiceDeployment, ServiceRevision, ServiceSnapshot, ServiceTask, StoppedTask},
};

use crate::{
    ecr::{manifest, platform},
    ecs::{deployment, registered, revision, snapshot, task},
    json, log_line,
};

pub use crate::json::Unreadable;

/// What `DescribeServices` answers.
///
/// # Errors
/// When a service lacks a member that must be there, or one is not of its form. So it is with the others.
pub fn services(answer: &Value) -> Result<BTreeMap<ServiceName, ServiceSnapshot>, Unreadable> {
    snapshot::services(answer)
}

/// What `ListServiceDeployments` and `DescribeServiceDeployments` answer.
///
/// # Errors
/// As [`services`].
pub fn service_deployments(answer: &Value) -> Result<Vec<ServiceDeployment>, Unreadable> {
    json::each(answer, "serviceDeployments", deployment::service_deployment)
}

/// What `DescribeServiceRevisions` answers.
///
/// # Errors
/// As [`services`].
pub fn service_revisions(answer: &Value) -> Result<Vec<ServiceRevision>, Unreadable> {
    json::each(answer, "serviceRevisions", revision::service_revision)
}

/// What `DescribeTasks` answers of tasks that are meant to run.
///
/// # Errors
/// As [`services`].
pub fn tasks(answer: &Value) -> Result<Vec<ServiceTask>, Unreadable> {
    json::each(answer, "tasks", task::task)
}

/// What `DescribeTasks` answers of tasks that ended.
///
/// # Errors
/// As [`services`].
pub fn stopped_tasks(answer: &Value) -> Result<Vec<StoppedTask>, Unreadable> {
    json::each(answer, "tasks", task::stopped)
}

/// What `DescribeTaskDefinition` answers.
///
/// # Errors
/// As [`services`].
pub fn task_definition(answer: Value) -> Result<RegisteredRevision, Unreadable> {
    registered::registered(answer)
}

/// The lines that `GetLogEvents` answers.
///
/// # Errors
/// As [`services`].
pub fn log_lines(answer: &Value) -> Result<Vec<LogLine>, Unreadable> {
    log_line::lines(answer)
}

/// The digests of the images in an image's manifest; none where it is no index.
///
/// # Errors
/// As [`services`].
pub fn children(manifest: &Value) -> Result<Vec<Digest>, Unreadable> {
    manifest::children(manifest)
}

/// What the images of a manifest are built for; `None` where it does not say so itself.
///
/// # Errors
/// As [`services`].
pub fn platforms(manifest: &Value) -> Result<Option<Vec<Platform>>, Unreadable> {
    Ok(match platform::told(manifest)? {
        platform::Told::Here(platforms) => Some(platforms),
        platform::Told::In(_) | platform::Told::Nowhere => None,
    })
}

#[cfg(test)]
mod properties;
