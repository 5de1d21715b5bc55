//! What a diagnosis is made of: what was seen, and what is known of the service.
//!
//! Nothing here is complete. A part that could not be asked is named and costs that part alone.

use jiff::Timestamp;

use crate::{
    identifier::{ContainerName, DeploymentId, TaskDefinitionArn},
    rollout::{Alarm, ServiceEvent, StoppedTask, TargetHealth},
    task_definition::Document,
};

/// Everything that was seen of a rollout that ended badly, of whomever it is: [`super::diagnose`] takes what is ours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    /// ECS's words about our deployment as a whole.
    pub reason: Option<String>,
    /// The tasks that ended.
    pub tasks: Vec<StoppedTask>,
    /// How the load balancers see the targets.
    pub targets: Vec<TargetHealth>,
    /// How the alarms stand.
    pub alarms: Vec<Alarm>,
    /// What ECS told people about the service.
    pub events: Vec<ServiceEvent>,
    /// What could not be asked, each with why, for example `logs: access denied`.
    pub unasked: Vec<String>,
}

/// What the diagnosis may know of the service and of what it was to run.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Our deployment. Tasks of another one do not count.
    pub deployment: Option<&'a DeploymentId>,
    /// What it runs. A task that does not say who started it is ours where it runs this.
    pub task_definition: Option<&'a TaskDefinitionArn>,
    /// When our deployment began, by the server's clock. Without it no event counts.
    pub since: Option<Timestamp>,
    /// The component's own container; every other one is a sidecar.
    pub container: &'a ContainerName,
    /// The task definition's document. Of `environment` nothing is read.
    pub document: Option<&'a Document>,
    /// How many tasks are wanted.
    pub desired: u32,
    /// `minimumHealthyPercent`, where shown.
    pub minimum_healthy_percent: Option<u32>,
    /// `maximumPercent`, where shown.
    pub maximum_percent: Option<u32>,
    /// The time after a task's start in which health is not judged, in seconds.
    pub grace_seconds: u32,
}
