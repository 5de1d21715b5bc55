//! Why a deployment is given up, in AWS's words.
//!
//! What follows from it is in `rollback`.

use crate::ecs::knobs::Knobs;

/// Why a deployment is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    CircuitBreaker,
    Alarm,
    Request,
    /// A lifecycle hook, or a stage that took too long; with `statusReason`.
    Stage(String),
}

impl Cause {
    /// `statusReason` of the service deployment that is rolled back.
    pub(super) fn status_reason<'a>(&'a self, knobs: &'a Knobs) -> &'a str {
        match self {
            Self::CircuitBreaker => {
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
            }
            Self::Alarm => &knobs.texts.alarm_status,
            Self::Request => &knobs.texts.request_status,
            Self::Stage(reason) => reason,
        }
    }

    /// `statusReason` of the service deployment that is stopped where a rollback was not wanted.
    pub(super) fn stopped_reason<'a>(&'a self, knobs: &'a Knobs) -> &'a str {
        match self {
            Self::CircuitBreaker => &knobs.texts.breaker_stopped_status,
            Self::Alarm => &knobs.texts.alarm_stopped_status,
            Self::Request | Self::Stage(_) => self.status_reason(knobs),
        }
    }

    /// `rolloutStateReason` of the deployment that is given up.
    pub(super) fn failure<'a>(&self, knobs: &'a Knobs) -> &'a str {
        match self {
            Self::CircuitBreaker => "ECS deployment circuit breaker: tasks failed to start.",
            Self::Alarm => &knobs.texts.alarm_rollout,
            Self::Request => &knobs.texts.request_rollout,
            Self::Stage(_) => &knobs.texts.stage_rollout,
        }
    }

    /// The event of the deployment `id`, if there is one.
    pub(super) fn event(&self, id: &str) -> Option<String> {
        match self {
            Self::CircuitBreaker => Some(format!("(deployment {id}) deployment failed: tasks failed to start.")),
            Self::Alarm => Some(format!("(deployment {id}) deployment failed: alarm detected.")),
            Self::Request => None,
            Self::Stage(reason) => Some(format!("deployment failed: {reason}")),
        }
    }

    /// `rolloutStateReason` of the deployment that is put back. *Guess*, but for the circuit breaker's.
    pub(super) fn return_to(&self, id: &str) -> String {
        match self {
            Self::CircuitBreaker => format!("ECS deployment circuit breaker: rolling back to deploymentId {id}."),
            Self::Alarm | Self::Request | Self::Stage(_) => {
                format!("ECS deployment: rolling back to deploymentId {id}.")
            }
        }
    }
}
