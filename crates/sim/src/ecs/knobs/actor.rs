//! Somebody else who works on the same services: calls that the simulator makes by itself.
//!
//! They are real calls of ECS's operations, made by nobody's client and not in the log of calls.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A call that somebody else makes.
///
/// Besides ECS's operations there is `LoseTask`, with `cluster`, `task` and `stopCode` (`SpotInterruption`,
/// `TerminationNotice` or `InfrastructureHealth`): AWS takes the task away.
///
/// In `input`, a text `$task:NAME` becomes a running task of the service `NAME`, of its newest deployment if it can
/// be; `$deployment:NAME` its newest service deployment, `$definition:NAME` its task definition, and `$hook:NAME` the
/// hook that waits there; `$one-off:FAMILY` is a running task of the family without a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Actor {
    /// The operation that is waited for; without it the time counts from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Which accepted call of it, from 1.
    #[serde(default = "first")]
    pub number: u64,
    /// How many seconds later.
    #[serde(default)]
    pub after: f64,
    /// The account, if it is not every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region, if it is not every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What is called then.
    pub operation: String,
    /// With which input.
    #[serde(default)]
    pub input: Map<String, Value>,
}

const fn first() -> u64 {
    1
}
