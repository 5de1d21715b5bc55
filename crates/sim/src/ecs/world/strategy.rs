//! How a deployment brings traffic to a new revision: strategy and lifecycle hooks, read from a `deploymentConfiguration`.
//!
//! It only reads; what happens in which stage is in `scheduler::staged`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stage::Stage;

/// Seconds in a minute, the unit of every time in a `deploymentConfiguration`.
const MINUTE: f64 = 60.0;

/// A deployment strategy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Strategy {
    Rolling,
    BlueGreen,
    Linear(Shift),
    Canary(Shift),
}

/// How production traffic is shifted in steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shift {
    /// The percentage of a step.
    pub(crate) percent: f64,
    /// The pause after a step, in seconds.
    pub(crate) bake: f64,
}

/// What runs, or waits, at some stages of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hook {
    /// The function; none for a pause.
    pub(crate) function: Option<String>,
    pub(crate) stages: Vec<Stage>,
    /// How long it may take, in seconds.
    pub(crate) timeout: f64,
    pub(crate) on_timeout: HookAction,
}

/// What is done about a hook that waits, by a person or by its time-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum HookAction {
    Continue,
    Rollback,
}

impl Strategy {
    /// Reads a `deploymentConfiguration`; what is missing has AWS's default.
    pub(crate) fn read(configuration: &Value) -> Self {
        let shift = |name: &str, prefix: &str, percent: f64, minutes: f64| {
            let given = &configuration[name];
            let number = |member: String, usual: f64| given[member].as_f64().unwrap_or(usual);
            Shift {
                percent: number(format!("{prefix}Percent"), percent),
                bake: number(format!("{prefix}BakeTimeInMinutes"), minutes) * MINUTE,
            }
        };
        match configuration["strategy"].as_str() {
            Some("BLUE_GREEN") => Self::BlueGreen,
            Some("LINEAR") => Self::Linear(shift("linearConfiguration", "step", 10.0, 6.0)),
            Some("CANARY") => Self::Canary(shift("canaryConfiguration", "canary", 5.0, 10.0)),
            _ => Self::Rolling,
        }
    }

    /// The new revision's share of production traffic after so many steps, in percent.
    pub(crate) fn weight(self, steps: u32) -> f64 {
        match self {
            _ if steps == 0 => 0.0,
            Self::Linear(shift) => rounded(shift.percent * f64::from(steps)).min(100.0),
            Self::Canary(shift) if steps == 1 => shift.percent.min(100.0),
            Self::Rolling | Self::BlueGreen | Self::Canary(_) => 100.0,
        }
    }

    /// The pause between two steps, in seconds.
    pub(crate) fn step_bake(self) -> f64 {
        match self {
            Self::Rolling | Self::BlueGreen => 0.0,
            Self::Linear(shift) | Self::Canary(shift) => shift.bake,
        }
    }
}

/// Percentages are multiples of a tenth.
fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

impl Hook {
    /// The hooks of a `deploymentConfiguration`.
    pub(crate) fn read_all(configuration: &Value) -> Vec<Self> {
        configuration["lifecycleHooks"].as_array().into_iter().flatten().map(Self::read).collect()
    }

    fn read(value: &Value) -> Self {
        let is_pause = value["targetType"] == "PAUSE";
        let stages = value["lifecycleStages"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let timeout = &value["timeoutConfiguration"];
        Self {
            function: (!is_pause).then(|| value["hookTargetArn"].as_str().unwrap_or_default().to_owned()),
            stages: stages.filter_map(Stage::named).collect(),
            timeout: timeout["timeoutInMinutes"].as_f64().unwrap_or(1440.0) * MINUTE,
            on_timeout: HookAction::read(timeout["action"].as_str()).unwrap_or(HookAction::Rollback),
        }
    }
}

impl HookAction {
    /// The action of this name.
    pub(crate) fn read(name: Option<&str>) -> Option<Self> {
        match name {
            Some("CONTINUE") => Some(Self::Continue),
            Some("ROLLBACK") => Some(Self::Rollback),
            _ => None,
        }
    }

    /// AWS's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::Rollback => "ROLLBACK",
        }
    }
}

/// `bakeTimeInMinutes`, in seconds.
pub(crate) fn bake_time(configuration: &Value) -> Option<f64> {
    configuration["bakeTimeInMinutes"].as_f64().map(|minutes| minutes * MINUTE)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_weights(configuration: &Value, expected: &[f64]) {
        let strategy = Strategy::read(configuration);
        let weights: Vec<f64> =
            (1..=u32::try_from(expected.len()).unwrap()).map(|step| strategy.weight(step)).collect();
        assert_eq!(weights, expected);
    }

    #[test]
    fn traffic_moves_at_once_in_two_steps_or_in_equal_ones() {
        check_weights(&json!({"strategy": "BLUE_GREEN"}), &[100.0]);
        check_weights(&json!({"strategy": "CANARY"}), &[5.0, 100.0]);
        let linear = json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 33.3}});
        check_weights(&linear, &[33.3, 66.6, 99.9, 100.0]);
    }

    #[test]
    fn what_is_not_said_has_the_defaults_of_aws() {
        assert_eq!(
            Strategy::read(&json!({"strategy": "LINEAR"})),
            Strategy::Linear(Shift { percent: 10.0, bake: 360.0 })
        );
        assert_eq!(
            Strategy::read(&json!({"strategy": "CANARY"})),
            Strategy::Canary(Shift { percent: 5.0, bake: 600.0 })
        );
        assert_eq!(Strategy::read(&json!({})), Strategy::Rolling);
        let hooks =
            Hook::read_all(&json!({"lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["POST_SCALE_UP"]}]}));
        let expected = Hook {
            function: None,
            stages: vec![Stage::PostScaleUp],
            timeout: 86_400.0,
            on_timeout: HookAction::Rollback,
        };
        assert_eq!(hooks, [expected]);
    }
}
