//! What was seen of a rollout that goes badly: tasks that ended, targets that are unhealthy, alarms, log lines.
//!
//! It is what AWS says, not what it means: that is [`super::diagnosis`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{AlarmName, TargetGroupArn, TaskArn, TaskDefinitionArn};

/// A task that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct StoppedTask {
    /// Its name.
    pub arn: TaskArn,
    /// What started it: the deployment's id for a service's task.
    pub started_by: Option<String>,
    /// What it ran.
    pub task_definition: TaskDefinitionArn,
    /// ECS's word for why it ended, for example `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// ECS's words for why it ended.
    pub reason: Option<String>,
    /// When it began to run, by the server's clock; nothing where it never did.
    pub started_at: Option<Timestamp>,
    /// When it ended, by the server's clock.
    pub stopped_at: Option<Timestamp>,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a task that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct StoppedContainer {
    /// Its name.
    pub name: String,
    /// What it exited with; nothing where it never ran, which is not 0.
    pub exit_code: Option<i32>,
    /// ECS's words about it, for example `OutOfMemoryError: …`.
    pub reason: Option<String>,
    /// The end of its log, oldest line first; empty where there is none or it could not be read.
    pub log: Vec<String>,
}

/// The health of one target of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct TargetHealth {
    /// Its target group.
    pub group: TargetGroupArn,
    /// Its address or instance.
    pub target: String,
    /// Its port.
    pub port: Option<u32>,
    /// The load balancer's word, for example `unhealthy`.
    pub state: String,
    /// The load balancer's word for why, for example `Target.ResponseCodeMismatch`.
    pub reason: Option<String>,
    /// The load balancer's words for why, for example `Health checks failed with these codes: [503]`.
    pub description: Option<String>,
}

/// An alarm as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Alarm {
    /// Its name.
    pub name: AlarmName,
    /// Whether it fires.
    pub state: AlarmState,
    /// `CloudWatch`'s words for why.
    pub reason: Option<String>,
    /// Since when, by the server's clock.
    pub since: Option<Timestamp>,
}

/// Whether an alarm fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmState {
    /// It does not.
    Ok,
    /// It does.
    Firing,
    /// There is too little data to tell.
    InsufficientData,
    /// A value newer than this program.
    Unknown(String),
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, by the writer's clock.
    pub at: Option<Timestamp>,
    /// What.
    pub text: String,
}

impl StoppedTask {
    /// Whether it ever ran.
    pub fn did_run(&self) -> bool {
        self.started_at.is_some()
    }
}
