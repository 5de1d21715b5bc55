//! Texts of AWS that nobody has published, or that were seen once only.
//!
//! Texts that are known are where they are used.

use serde::{Deserialize, Serialize};

/// Texts that are guesses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Texts {
    /// `statusReason` after an alarm.
    pub alarm_status: String,
    /// `rolloutStateReason` of the deployment that an alarm stopped.
    pub alarm_rollout: String,
    /// `statusReason` after a rollback that somebody asked for.
    pub request_status: String,
    /// `rolloutStateReason` of the deployment that was rolled back on request.
    pub request_rollout: String,
    /// `rolloutStateReason` of the deployment that a lifecycle hook or a stage stopped.
    pub stage_rollout: String,
    /// `statusReason` of a deployment that a newer one stopped (seen once, in a tool's report).
    pub superseded_status: String,
    /// `statusReason` of a deployment that the circuit breaker stopped without rolling back.
    pub breaker_stopped_status: String,
    /// `statusReason` of a deployment that an alarm stopped without rolling back.
    pub alarm_stopped_status: String,
}

impl Default for Texts {
    fn default() -> Self {
        let text = ToOwned::to_owned;
        Self {
            alarm_status: text("Service deployment rolled back because an alarm was detected."),
            alarm_rollout: text("ECS deployment failed: alarm detected."),
            request_status: text("Service deployment rolled back because a rollback was requested."),
            request_rollout: text("ECS deployment rollback requested."),
            stage_rollout: text("ECS deployment failed: lifecycle stage failed."),
            superseded_status: text("Replaced by a new service deployment."),
            breaker_stopped_status: text(
                "Service deployment stopped because the circuit breaker threshold was exceeded.",
            ),
            alarm_stopped_status: text("Service deployment stopped because an alarm was detected."),
        }
    }
}
