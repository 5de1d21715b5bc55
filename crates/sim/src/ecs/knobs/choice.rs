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

/// What becomes of a call that asks for what was done already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeated {
    /// It changes nothing and is answered as if it had been the first.
    Accepted,
    /// It is refused.
    Refused,
}

/// The status that a deployment has which was given up and whose tasks still stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenUpStatus {
    /// `ACTIVE`, which is in the model.
    Active,
    /// `DRAINING`, which was seen once and is not in the model.
    Draining,
}

/// What a new deployment shows as `desiredCount`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrimaryDesired {
    /// What the service wants, from the beginning.
    Whole,
    /// As many tasks as were started so far.
    Stepped,
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
