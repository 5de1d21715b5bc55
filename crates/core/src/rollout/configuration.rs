//! How ECS deploys a service, as ECS shows it: kept as raw JSON, since what is sent back must lose nothing.
//!
//! Whether ECS merges a partial configuration into the old one or replaces it is not documented, so it is only ever
//! sent whole.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The member `deploymentConfiguration` of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeploymentConfiguration(Map<String, Value>);

impl DeploymentConfiguration {
    /// As ECS shows it.
    pub fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// The JSON to send.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// A percentage of the given name, where there is one.
    pub fn percent(&self, name: &str) -> Option<u32> {
        self.0.get(name).and_then(Value::as_u64).and_then(|percent| u32::try_from(percent).ok())
    }

    /// The same with these members in place of its own. The members of an object inside are taken one by one, so that
    /// a step's percentage can be changed without its bake time; a list is taken whole.
    #[must_use = "the configuration itself is not changed"]
    pub fn with(&self, members: &Map<String, Value>) -> Self {
        let mut merged = self.0.clone();
        for (name, value) in members {
            match (merged.get_mut(name), value) {
                (Some(Value::Object(before)), Value::Object(inside)) => before.extend(inside.clone()),
                (Some(_) | None, value) => {
                    merged.insert(name.clone(), value.clone());
                }
            }
        }
        Self(merged)
    }

    /// How long ECS itself waits on purpose: the bake time, and the bake times of all steps of traffic.
    pub fn bake(&self) -> Duration {
        let minutes = |value: Option<&Value>| value.and_then(Value::as_u64).unwrap_or(0);
        let within = |name: &str, member: &str| minutes(self.0.get(name).and_then(|inner| inner.get(member)));
        let step = self.0.get("linearConfiguration").and_then(|inner| inner.get("stepPercent")).and_then(Value::as_f64);
        let steps = step.filter(|step| *step >= 3.0).map_or(0, |step| whole(100.0 / step));
        let of_steps = match self.0.get("strategy").and_then(Value::as_str) {
            Some("LINEAR") => within("linearConfiguration", "stepBakeTimeInMinutes").saturating_mul(steps),
            Some("CANARY") => within("canaryConfiguration", "canaryBakeTimeInMinutes"),
            _ => 0,
        };
        let all = minutes(self.0.get("bakeTimeInMinutes")).saturating_add(of_steps);
        Duration::from_secs(all.saturating_mul(60))
    }
}

/// The least whole number that is not below.
fn whole(number: f64) -> u64 {
    (0..=100_u64)
        .find(|candidate| u32::try_from(*candidate).is_ok_and(|candidate| f64::from(candidate) >= number))
        .unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> DeploymentConfiguration {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_not_named_survives() {
        let before = read(json!({"maximumPercent": 200, "newerThanUs": {"a": 1}}));
        let change = json!({"maximumPercent": 150}).as_object().cloned().unwrap();
        assert_eq!(before.with(&change).to_json(), json!({"maximumPercent": 150, "newerThanUs": {"a": 1}}));
    }

    #[test]
    fn all_waiting_on_purpose_counts_as_bake_time() {
        let check = |value: Value, minutes: u64| assert_eq!(read(value).bake(), Duration::from_secs(minutes * 60));
        check(json!({}), 0);
        check(json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 7}), 7);
        check(
            json!({"strategy": "CANARY", "bakeTimeInMinutes": 1, "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10}}),
            11,
        );
        check(
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 30.0, "stepBakeTimeInMinutes": 6}}),
            24,
        );
        check(
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 0.0, "stepBakeTimeInMinutes": 6}}),
            0,
        );
    }
}
