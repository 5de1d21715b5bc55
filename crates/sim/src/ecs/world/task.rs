//! A task: where it is in its life and what is due for it.
//!
//! How it moves through its life is in `scheduler::task_life`.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::task_definition::HealthCheck;
use crate::image::{PulledImage, Target};

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "AWS's own words")]
pub(crate) struct Task {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) cluster_arn: String,
    pub(crate) task_definition: String,
    pub(crate) family: String,
    /// The digits of its deployment; none for a one-off task.
    pub(crate) deployment: Option<String>,
    pub(crate) group: String,
    pub(crate) started_by: Option<String>,
    pub(crate) launch_type: String,
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) overrides: Value,
    /// Its subnet, if it has a network interface of its own.
    #[serde(default)]
    pub(crate) subnet: Option<String>,
    pub(crate) containers: Vec<Container>,
    /// The index of the container that decides what the task does.
    pub(crate) main: usize,
    pub(crate) watch: Watch,
    pub(crate) last_status: TaskStatus,
    /// Whether it was told to stop, or stopped by itself: `desiredStatus` STOPPED.
    pub(crate) stopping: bool,
    pub(crate) fitness: Fitness,
    pub(crate) version: u64,
    pub(crate) times: Times,
    pub(crate) stop: Option<Stop>,
    /// Why it will fail to start, once its pull is over.
    pub(crate) start_failure: Option<String>,
    /// What is due for it and when.
    pub(crate) agenda: Vec<(Timestamp, Moment)>,
}

/// A container of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) runtime_id: String,
    pub(crate) has_health_check: bool,
    pub(crate) pulled: Option<PulledImage>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<String>,
    /// Whether the digest of the first task's image binds later tasks (`versionConsistency`).
    pub(crate) version_consistency: bool,
    /// Whether the command was overridden.
    pub(crate) overridden: bool,
    /// The program of its `entryPoint` that no image has: one under `/nonexistent`, where nothing ever is.
    #[serde(default)]
    pub(crate) missing_program: Option<String>,
}

/// Who watches the task's health.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// The health check of its essential containers.
    pub(crate) container: Option<HealthCheck>,
    /// The target group that it is registered in.
    pub(crate) target: Option<TargetPort>,
    /// `healthCheckGracePeriodSeconds`.
    pub(crate) grace: f64,
    /// How long its main container may take to stop, in seconds.
    pub(crate) stop_timeout: f64,
}

/// Where a load balancer sends requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetPort {
    pub(crate) group: String,
    pub(crate) port: i64,
}

/// AWS's task life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum TaskStatus {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

/// What the scheduler thinks of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Fitness {
    /// Not known yet.
    Settling,
    Healthy,
    Unhealthy,
}

/// Something that will happen to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Moment {
    /// PROVISIONING is over: the images are pulled.
    Pull,
    /// The pull is over.
    Activate,
    /// The containers run.
    Run,
    /// It answers its checks, or has run long enough where there are none.
    TurnHealthy,
    /// It has failed its checks.
    TurnUnhealthy,
    /// Its main container exits by itself.
    Exit,
    /// It has drained.
    Drained,
    /// Its containers have stopped.
    Halted,
    /// Its resources are given back.
    End,
}

/// When things happened to a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) created: Timestamp,
    pub(crate) pull_started: Option<Timestamp>,
    pub(crate) pull_stopped: Option<Timestamp>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) stopping: Option<Timestamp>,
    pub(crate) execution_stopped: Option<Timestamp>,
    pub(crate) stopped: Option<Timestamp>,
}

/// Why a task stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stop {
    pub(crate) code: StopCode,
    pub(crate) reason: String,
}

/// AWS's `stopCode`, as far as the simulator brings it about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StopCode {
    TaskFailedToStart,
    EssentialContainerExited,
    UserInitiated,
    ServiceSchedulerInitiated,
    SpotInterruption,
    TerminationNotice,
    InfrastructureHealth,
}

impl TaskStatus {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

impl StopCode {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TaskFailedToStart => "TaskFailedToStart",
            Self::EssentialContainerExited => "EssentialContainerExited",
            Self::UserInitiated => "UserInitiated",
            Self::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            Self::SpotInterruption => "SpotInterruption",
            Self::TerminationNotice => "TerminationNotice",
            Self::InfrastructureHealth => "InfrastructureHealth",
        }
    }
}

impl Task {
    /// Whether it runs or is about to, and nobody told it to stop.
    pub(crate) fn is_live(&self) -> bool {
        !self.stopping
    }

    /// Whether it is live and RUNNING.
    pub(crate) fn is_running(&self) -> bool {
        self.is_live() && self.last_status == TaskStatus::Running
    }

    /// Whether it is live and not RUNNING yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.is_live() && self.last_status < TaskStatus::Running
    }

    /// Whether it is RUNNING and healthy.
    pub(crate) fn is_healthy(&self) -> bool {
        self.is_running() && self.fitness == Fitness::Healthy
    }

    /// Whether it is RUNNING and unhealthy.
    pub(crate) fn is_unhealthy(&self) -> bool {
        self.is_running() && self.fitness == Fitness::Unhealthy
    }

    /// Whether it belongs to the deployment with these digits.
    pub(crate) fn is_of(&self, digits: &str) -> bool {
        self.deployment.as_deref() == Some(digits)
    }

    /// When something is due for it.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.agenda.iter().map(|(at, _)| *at).min()
    }

    /// What its main container runs, once it was pulled.
    pub(crate) fn main_image(&self) -> Option<&PulledImage> {
        self.containers.get(self.main)?.pulled.as_ref()
    }

    /// Its address in a private network, made from its id.
    pub(crate) fn private_ip(&self) -> String {
        let byte = |from: usize| self.id.get(from..from + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        format!("10.0.{}.{}", byte(0).unwrap_or(0), byte(2).unwrap_or(0).clamp(4, 254))
    }

    /// Whether it was told to stop, rather than that it ended by itself.
    pub(crate) fn was_told_to_stop(&self) -> bool {
        let code = self.stop.as_ref().map(|stop| stop.code);
        code.is_some_and(|code| !matches!(code, StopCode::TaskFailedToStart | StopCode::EssentialContainerExited))
    }

    /// How a load balancer sees it, if it is RUNNING or drains.
    pub(crate) fn target(&self, now: Timestamp) -> Option<Target> {
        if !matches!(self.last_status, TaskStatus::Running | TaskStatus::Deactivating) {
            return None;
        }
        let image = self.main_image()?;
        let uptime = now.duration_since(self.times.started?).as_secs_f64().max(0.0);
        let behaviour = &image.behaviour;
        let answers = behaviour.healthy_after.is_some_and(|after| uptime >= after)
            && behaviour.unhealthy_after.is_none_or(|after| uptime < after);
        Some(Target {
            task_arn: self.arn.clone(),
            task_definition: self.task_definition.clone(),
            digest: image.digest.clone(),
            behaviour: behaviour.clone(),
            uptime: Duration::try_from_secs_f64(uptime).unwrap_or_default(),
            in_service: self.is_running() && answers,
        })
    }
}
