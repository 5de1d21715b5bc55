//! The settings that are a choice between ways in which AWS may behave.
//!
//! Which one is the default, and why, is said in `settings`.

use serde::{Deserialize, Serialize};

/// Which deployment a rollback makes PRIMARY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RollbackId {
    /// The last completed deployment, under its old id.
    Old,
    /// A new deployment of the same task definition.
    New,
}

/// How a service deployment ends that has nothing to roll back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoCandidate {
    /// `STOPPED`.
    Stopped,
    /// `ROLLBACK_FAILED`.
    RollbackFailed,
}

/// How an update treats the members of `deploymentConfiguration` that it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdatedConfiguration {
    /// They stay.
    Merge,
    /// They get their defaults.
    Replace,
}

/// How the operations on service deployments treat a service whose deployments ECS does not make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherControllers {
    /// They are refused with `UnsupportedFeatureException`.
    Unsupported,
    /// They answer that there are none.
    Empty,
}

/// What happens to members of a task definition that the model does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownMembers {
    /// The request is refused.
    Refuse,
    /// They are stored and given back, as an ECS would that is newer than this model.
    Keep,
}

/// What `lifecycleStage` shows before a step of production traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreProductionStage {
    /// The stage before it.
    Previous,
    /// `PRE_PRODUCTION_TRAFFIC_SHIFT`, which hooks know and the model of answers does not.
    Own,
}
