//! A service deployment: one attempt to bring a service to a revision, with its outcome.
//!
//! Which changes of status are legal is written here; when they happen, the scheduler decides.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{monitors::AlarmWatch, staging::Staging};

/// One attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ServiceDeployment {
    pub(crate) arn: String,
    /// The digits of the revision it brings.
    pub(crate) target: String,
    pub(crate) sources: Vec<RevisionCounts>,
    pub(crate) created_at: Timestamp,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) finished_at: Option<Timestamp>,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) updated_at: Timestamp,
    pub(crate) status: Status,
    pub(crate) status_reason: Option<String>,
    /// The service's `deploymentConfiguration` when it began.
    pub(crate) configuration: Value,
    pub(crate) rollback: Option<Rollback>,
    /// What the circuit breaker has counted.
    pub(crate) failures: u32,
    /// What it has counted since the rollback began.
    pub(crate) rollback_failures: u32,
    /// Whether the circuit breaker tripped.
    pub(crate) tripped: bool,
    /// When the status changes by itself.
    pub(crate) due: Option<Timestamp>,
    /// Its alarms, if it has any and has begun.
    pub(crate) alarms: Option<AlarmWatch>,
    /// When it has baked, once it has reached its goal.
    pub(crate) bakes_until: Option<Timestamp>,
    /// Until when the old tasks stay after an early success.
    pub(crate) cleans_up_at: Option<Timestamp>,
    /// Its stages, if it shifts traffic and has begun.
    pub(crate) staging: Option<Staging>,
    /// The counts of the target when it ended.
    pub(crate) frozen: Option<RevisionCounts>,
}

/// How many tasks of a revision there were.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RevisionCounts {
    pub(crate) digits: String,
    pub(crate) requested: u32,
    pub(crate) running: u32,
    pub(crate) pending: u32,
}

/// A rollback that has begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rollback {
    pub(crate) reason: String,
    pub(crate) started_at: Timestamp,
    /// The digits of the revision that is put back.
    pub(crate) to: String,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Pending,
    InProgress,
    StopRequested,
    RollbackRequested,
    RollbackInProgress,
    Successful,
    Stopped,
    RollbackSuccessful,
    RollbackFailed,
}

impl Status {
    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether nothing comes after it.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => true,
            Self::Pending
            | Self::InProgress
            | Self::StopRequested
            | Self::RollbackRequested
            | Self::RollbackInProgress => false,
        }
    }

    /// Whether AWS's documentation allows this change.
    pub(crate) fn may_become(self, next: Self) -> bool {
        let allowed: &[Self] = match self {
            Self::Pending => &[Self::InProgress, Self::RollbackRequested, Self::StopRequested, Self::Stopped],
            Self::InProgress => &[
                Self::Successful,
                Self::StopRequested,
                Self::RollbackRequested,
                Self::RollbackInProgress,
                Self::Stopped,
            ],
            Self::StopRequested => &[Self::Stopped],
            Self::RollbackRequested => &[Self::RollbackInProgress, Self::Successful, Self::Stopped],
            Self::RollbackInProgress => &[Self::RollbackSuccessful, Self::RollbackFailed],
            Self::Successful | Self::Stopped | Self::RollbackSuccessful | Self::RollbackFailed => &[],
        };
        allowed.contains(&next)
    }
}

impl ServiceDeployment {
    /// Changes the status if the change is legal, and stamps it; says whether it did.
    pub(crate) fn enter(&mut self, status: Status, at: Timestamp) -> bool {
        if !self.status.may_become(status) {
            return false;
        }
        self.status = status;
        self.updated_at = at;
        self.due = None;
        match status {
            Status::InProgress => self.started_at = Some(at),
            Status::Stopped => (self.stopped_at, self.finished_at) = (Some(at), Some(at)),
            Status::Successful | Status::RollbackSuccessful | Status::RollbackFailed => {
                self.finished_at = Some(at);
            }
            Status::Pending | Status::StopRequested | Status::RollbackRequested | Status::RollbackInProgress => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Status; 9] = [
        Status::Pending,
        Status::InProgress,
        Status::StopRequested,
        Status::RollbackRequested,
        Status::RollbackInProgress,
        Status::Successful,
        Status::Stopped,
        Status::RollbackSuccessful,
        Status::RollbackFailed,
    ];

    #[test]
    fn nothing_comes_after_a_terminal_status_and_something_after_every_other() {
        for status in ALL {
            assert_eq!(ALL.iter().any(|next| status.may_become(*next)), !status.is_terminal(), "{status:?}");
        }
    }

    #[test]
    fn nothing_goes_back_to_pending() {
        assert!(ALL.iter().all(|status| !status.may_become(Status::Pending)));
    }
}
