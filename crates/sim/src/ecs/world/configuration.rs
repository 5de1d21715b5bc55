//! What a service's `deploymentConfiguration` says to the scheduler.
//!
//! Percentages and the circuit breaker; strategies and hooks are in `strategy`.

use serde_json::{Value, json};

/// Percentages and circuit breaker of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Configuration {
    pub(crate) percents: Percents,
    pub(crate) breaker: Breaker,
}

/// How far a deployment may go below and above the desired count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Percents {
    pub(crate) minimum: u32,
    pub(crate) maximum: u32,
}

/// The deployment circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Breaker {
    pub(crate) enabled: bool,
    pub(crate) rollback: bool,
    pub(crate) reset_on_healthy_task: bool,
    pub(crate) threshold: Threshold,
}

/// How many failures trip the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threshold {
    /// A percentage of the desired count, within the bounds that AWS sets.
    Bounded(u32),
    /// A percentage of the desired count.
    Unbounded(u32),
    /// A number.
    Count(u32),
}

/// The bounds of a bounded threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) least: u32,
    pub(crate) most: u32,
}

impl Configuration {
    /// Reads a `deploymentConfiguration`; what is missing has AWS's default.
    pub(crate) fn read(value: &Value) -> Self {
        let percents = Percents {
            minimum: whole(&value["minimumHealthyPercent"]).unwrap_or(100),
            maximum: whole(&value["maximumPercent"]).unwrap_or(200),
        };
        Self { percents, breaker: Breaker::read(&value["deploymentCircuitBreaker"]) }
    }
}

impl Percents {
    /// As many tasks as must stay healthy.
    pub(crate) fn lower(self, desired: u32) -> u32 {
        share(self.minimum, desired, u64::div_ceil)
    }

    /// As many tasks as may run or be about to.
    pub(crate) fn upper(self, desired: u32) -> u32 {
        share(self.maximum, desired, |product, hundred| product / hundred)
    }
}

impl Breaker {
    fn read(value: &Value) -> Self {
        let flag = |name: &str, default| value[name].as_bool().unwrap_or(default);
        Self {
            enabled: flag("enable", false),
            rollback: flag("rollback", false),
            reset_on_healthy_task: flag("resetOnHealthyTask", true),
            threshold: Threshold::read(&value["thresholdConfiguration"]),
        }
    }
}

impl Threshold {
    fn read(value: &Value) -> Self {
        let number = whole(&value["value"]);
        match value["type"].as_str() {
            Some("COUNT") => Self::Count(number.unwrap_or(3)),
            Some("UNBOUNDED_PERCENT") => Self::Unbounded(number.unwrap_or(50)),
            _ => Self::Bounded(number.unwrap_or(50)),
        }
    }

    /// The number of failures that trips the breaker at this desired count.
    pub(crate) fn at(self, desired: u32, bounds: Bounds) -> u32 {
        match self {
            Self::Bounded(percent) => share(percent, desired, u64::div_ceil).min(bounds.most).max(bounds.least),
            Self::Unbounded(percent) => share(percent, desired, u64::div_ceil).max(1),
            Self::Count(count) => count.max(1),
        }
    }
}

/// A `deploymentConfiguration` as AWS shows it: with its defaults.
pub(crate) fn with_defaults(mut configuration: Value) -> Value {
    let defaults = json!({
        "deploymentCircuitBreaker": {"enable": false, "rollback": false},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    });
    if let (Value::Object(members), Value::Object(defaults)) = (&mut configuration, defaults) {
        for (name, value) in defaults {
            members.entry(name).or_insert(value);
        }
    }
    configuration
}

fn whole(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn share(percent: u32, desired: u32, divide: fn(u64, u64) -> u64) -> u32 {
    u32::try_from(divide(u64::from(percent) * u64::from(desired), 100)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_bounds(minimum: u32, maximum: u32, desired: u32, expected: (u32, u32)) {
        let percents = Percents { minimum, maximum };
        assert_eq!((percents.lower(desired), percents.upper(desired)), expected);
    }

    #[test]
    fn the_lower_bound_is_rounded_up_and_the_upper_bound_down() {
        check_bounds(100, 200, 2, (2, 4));
        check_bounds(75, 200, 2, (2, 4));
        check_bounds(50, 150, 3, (2, 4));
        check_bounds(100, 125, 3, (3, 3));
        check_bounds(0, 100, 1, (0, 1));
        check_bounds(50, 100, 4, (2, 4));
        check_bounds(100, 200, 0, (0, 0));
    }

    #[track_caller]
    fn check_threshold(threshold: Threshold, desired: u32, expected: u32) {
        assert_eq!(threshold.at(desired, Bounds { least: 3, most: 200 }), expected, "{threshold:?} at {desired}");
    }

    #[test]
    fn the_usual_threshold_is_half_of_the_desired_count_between_three_and_two_hundred() {
        for (desired, expected) in [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)] {
            check_threshold(Threshold::Bounded(50), desired, expected);
        }
    }

    #[test]
    fn other_thresholds_have_no_bounds_but_one() {
        check_threshold(Threshold::Unbounded(50), 1, 1);
        check_threshold(Threshold::Unbounded(50), 0, 1);
        check_threshold(Threshold::Unbounded(50), 800, 400);
        check_threshold(Threshold::Count(7), 100, 7);
        check_threshold(Threshold::Count(0), 1, 1);
    }

    #[test]
    fn a_configuration_that_says_nothing_has_the_defaults_of_aws() {
        let configuration = Configuration::read(&json!({}));
        assert_eq!(configuration.percents, Percents { minimum: 100, maximum: 200 });
        assert_eq!(
            configuration.breaker,
            Breaker { enabled: false, rollback: false, reset_on_healthy_task: true, threshold: Threshold::Bounded(50) }
        );
    }

    #[test]
    fn every_kind_of_threshold_is_read() {
        let read = |kind: &str| Threshold::read(&json!({"type": kind, "value": 10}));
        assert_eq!(read("COUNT"), Threshold::Count(10));
        assert_eq!(read("UNBOUNDED_PERCENT"), Threshold::Unbounded(10));
        assert_eq!(read("BOUNDED_PERCENT"), Threshold::Bounded(10));
    }
}
