//! How an image behaves when a task runs it: what the scheduler and the loopback targets ask.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Resolves what a task definition's `image` names.
pub trait ImageCatalog {
    /// The image behind `reference` (`registry/repo@sha256:…`, `registry/repo:tag`, `nginx`), as account `account` in `region` pulls it.
    ///
    /// # Errors
    /// The reason that ECS would put into `stoppedReason`, beginning with `CannotPullContainerError`.
    fn pull(&self, account: &str, region: &str, reference: &str) -> Result<PulledImage, String>;
}

/// What a pull brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PulledImage {
    /// The digest that ECS reports for the container, `sha256:…`.
    pub digest: String,
    /// What the image does once it runs.
    pub behaviour: Behaviour,
}

/// What an image does once it runs. Durations count from the task's start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Behaviour {
    /// The version that `/version` answers.
    pub version: String,
    /// The commit that `/version` answers.
    pub commit: String,
    /// When it becomes healthy after its start, in seconds of simulated time; `None` means never.
    pub healthy_after: Option<f64>,
    /// When a healthy container turns unhealthy, in seconds after its start.
    pub unhealthy_after: Option<f64>,
    /// When the container exits by itself, in seconds after its start.
    pub exit_after: Option<f64>,
    /// The code it exits with.
    pub exit_code: i32,
    /// Whether it exits before it ever counts as RUNNING (a task that fails to start).
    pub fails_to_start: Option<String>,
    /// How long it takes to stop after SIGTERM, in seconds.
    pub stops_after: f64,
    /// Answers by path that differ from the usual ones.
    pub routes: Vec<Route>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            version: String::new(),
            commit: String::new(),
            healthy_after: Some(1.0),
            unhealthy_after: None,
            exit_after: None,
            exit_code: 0,
            fails_to_start: None,
            stops_after: 1.0,
            routes: Vec::new(),
        }
    }
}

/// A scripted answer of an image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Route {
    /// The exact path, for example `/version`.
    pub path: String,
    /// The HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// Headers beside the usual ones.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    /// How long it takes to answer, in milliseconds of real time.
    #[serde(default)]
    pub delay_ms: u64,
}

const fn ok() -> u16 {
    200
}

/// A running task as a load balancer sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The task's ARN.
    pub task_arn: String,
    /// The task definition it runs.
    pub task_definition: String,
    /// The digest of its first essential container.
    pub digest: String,
    /// What its first essential container does.
    pub behaviour: Behaviour,
    /// How long the task has run.
    pub uptime: Duration,
    /// Whether it takes new requests: healthy and not draining.
    pub in_service: bool,
}
