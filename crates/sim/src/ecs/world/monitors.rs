//! What watches over a service deployment besides the circuit breaker: alarms and the bake time.
//!
//! When they are looked at is in `scheduler::monitors`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The alarms of a service deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AlarmWatch {
    pub(crate) names: Vec<String>,
    pub(crate) rollback: bool,
    /// Whether they are watched: all were quiet when the deployment began.
    pub(crate) monitored: bool,
    /// When they are looked at next.
    pub(crate) look_at: Timestamp,
    /// Those that were in ALARM.
    pub(crate) triggered: Vec<String>,
}

/// `deploymentConfiguration.alarms`, if they are enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlarmSettings {
    pub(crate) names: Vec<String>,
    pub(crate) rollback: bool,
}

/// `deploymentConfiguration.earlySuccessCriteria`, if they are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EarlySuccess {
    pub(crate) percent: u32,
    /// Whether the old tasks are removed only after the success.
    pub(crate) deferred: bool,
}

impl AlarmSettings {
    /// Reads a `deploymentConfiguration`.
    pub(crate) fn read(configuration: &Value) -> Option<Self> {
        let alarms = configuration.get("alarms").filter(|alarms| alarms["enable"] == true)?;
        let names = alarms["alarmNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Some(Self { names: names.map(ToOwned::to_owned).collect(), rollback: alarms["rollback"] == true })
    }
}

impl EarlySuccess {
    /// Reads a `deploymentConfiguration`.
    pub(crate) fn read(configuration: &Value) -> Option<Self> {
        let criteria = configuration.get("earlySuccessCriteria").filter(|criteria| criteria["enable"] == true)?;
        let percent = criteria["healthyPercent"].as_u64().and_then(|percent| u32::try_from(percent).ok());
        Some(Self { percent: percent.unwrap_or(100), deferred: criteria["sourceServiceRevisionCleanup"] == "DEFERRED" })
    }

    /// As many healthy tasks are enough: at least one, where any are wanted.
    pub(crate) fn enough(self, desired: u32) -> u32 {
        let share = (u64::from(desired) * u64::from(self.percent)).div_ceil(100);
        u32::try_from(share).unwrap_or(u32::MAX).max(desired.min(1))
    }
}
