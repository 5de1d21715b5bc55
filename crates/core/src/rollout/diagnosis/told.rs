//! The diagnosis itself, as records keep it: bounded in every direction.

use serde::{Deserialize, Serialize};

use crate::rollout::{Alarm, ServiceEvent, StoppedTask, TargetHealth};

use super::CauseKind;

/// Why a rollout ended badly, and what of the evidence is worth keeping.
///
/// Texts are AWS's and the application's own: shortened, not made fit for a terminal. Whoever prints them does that.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[must_use = "a diagnosis that nobody reads helps nobody"]
pub struct Diagnosis {
    /// The causes, the most telling first.
    pub causes: Vec<Cause>,
    /// The tasks of our deployment that ended, one of each sort, newest first.
    pub tasks: Vec<SeenTask>,
    /// The targets that are not healthy.
    pub targets: Vec<TargetHealth>,
    /// The alarms that are not OK.
    pub alarms: Vec<Alarm>,
    /// What ECS told people since our deployment began, newest last.
    pub events: Vec<ServiceEvent>,
    /// What could not be asked, and why.
    pub unasked: Vec<String>,
}

/// One cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Cause {
    /// Which.
    pub kind: CauseKind,
    /// The evidence in AWS's words, on one line.
    pub because: String,
    /// What to change or to look at next.
    pub remedy: String,
}

/// A task that ended, and how many ended like it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SeenTask {
    /// How many tasks ended with the same code, reason and exit codes.
    pub seen: u32,
    /// The newest of them.
    pub task: StoppedTask,
}
