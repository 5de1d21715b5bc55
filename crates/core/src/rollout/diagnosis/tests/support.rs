//! What the tests build: a service with a component `api` and a sidecar, its tasks, events and facts.

use jiff::Timestamp;
use serde_json::json;

use crate::{
    identifier::{ContainerName, DeploymentId, TaskDefinitionArn},
    rollout::{ServiceEvent, StoppedContainer, StoppedTask, TargetHealth},
    task_definition::Document,
};

use super::super::{CauseKind, Diagnosis, Evidence, Facts, diagnose};

/// Our deployment, and one that is not.
pub(super) const OURS: &str = "ecs-svc/2222222222";
pub(super) const THEIRS: &str = "ecs-svc/1111111111";

/// The second of the day at which our deployment began.
const BEGAN: i64 = 1000;

pub(super) struct Stage {
    deployment: DeploymentId,
    revision: TaskDefinitionArn,
    container: ContainerName,
    document: Document,
}

/// A task definition with the component's container, a sidecar that is essential and one that is not.
pub(super) fn stage() -> Stage {
    let document = json!({"family": "shop", "executionRoleArn": "arn:aws:iam::123456789012:role/exec", "containerDefinitions": [
        {"name": "api", "environment": [{"name": "KEY", "value": "hush"}]},
        {"name": "envoy"},
        {"name": "migrate", "essential": false},
    ]});
    Stage {
        deployment: OURS.parse().unwrap(),
        revision: revision(2),
        container: "api".parse().unwrap(),
        document: Document::from_described(document, Vec::new()).unwrap(),
    }
}

impl Stage {
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            deployment: Some(&self.deployment),
            task_definition: Some(&self.revision),
            since: Some(at(0)),
            container: &self.container,
            document: Some(&self.document),
            desired: 2,
            minimum_healthy_percent: Some(100),
            maximum_percent: Some(200),
            grace_seconds: 60,
        }
    }

    pub(super) fn diagnose(&self, evidence: &Evidence) -> Diagnosis {
        diagnose(evidence, &self.facts())
    }
}

pub(super) fn revision(number: u32) -> TaskDefinitionArn {
    format!("arn:aws:ecs:us-east-1:123456789012:task-definition/shop:{number}").parse().unwrap()
}

/// So many seconds after our deployment began.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(BEGAN + second).unwrap()
}

/// A task of our deployment whose component's container ended with this code, 12 seconds after it began to run.
pub(super) fn exited(number: u32, code: Option<i32>) -> StoppedTask {
    StoppedTask {
        arn: format!("arn:aws:ecs:us-east-1:123456789012:task/shop/{number:032x}").parse().unwrap(),
        started_by: Some(OURS.to_owned()),
        task_definition: revision(2),
        stop_code: Some("EssentialContainerExited".to_owned()),
        reason: Some("Essential container in task exited".to_owned()),
        started_at: Some(at(i64::from(number))),
        stopped_at: Some(at(i64::from(number) + 12)),
        containers: vec![container("api", code)],
    }
}

/// A task of our deployment that never ran.
pub(super) fn not_started(number: u32, reason: &str) -> StoppedTask {
    StoppedTask {
        stop_code: Some("TaskFailedToStart".to_owned()),
        reason: Some(reason.to_owned()),
        started_at: None,
        ..exited(number, None)
    }
}

/// A task of our deployment that ECS stopped, with exit code 143.
pub(super) fn stopped(number: u32, reason: &str) -> StoppedTask {
    StoppedTask {
        stop_code: Some("ServiceSchedulerInitiated".to_owned()),
        reason: Some(reason.to_owned()),
        ..exited(number, Some(143))
    }
}

pub(super) fn container(name: &str, code: Option<i32>) -> StoppedContainer {
    StoppedContainer { name: name.to_owned(), exit_code: code, reason: None, log: Vec::new() }
}

pub(super) fn event(second: i64, message: &str) -> ServiceEvent {
    ServiceEvent { at: Some(at(second)), message: message.to_owned() }
}

pub(super) fn target(state: &str, reason: Option<&str>, description: Option<&str>) -> TargetHealth {
    TargetHealth {
        group: "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1".parse().unwrap(),
        target: "10.0.1.5".to_owned(),
        port: Some(8080),
        state: state.to_owned(),
        reason: reason.map(str::to_owned),
        description: description.map(str::to_owned),
    }
}

pub(super) fn tasks(tasks: Vec<StoppedTask>) -> Evidence {
    Evidence { tasks, ..Evidence::default() }
}

pub(super) fn kinds(diagnosis: &Diagnosis) -> Vec<CauseKind> {
    diagnosis.causes.iter().map(|cause| cause.kind).collect()
}
