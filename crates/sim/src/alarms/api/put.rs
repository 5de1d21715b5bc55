//! `PutMetricAlarm`.
//!
//! The definition is checked for what every metric alarm has; what the metric is worth is never looked at.

use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

use super::{
    super::{alarm::Alarm, store::Alarms},
    errors::validation,
};
use crate::{api::Members, fault::AwsError};

const KNOWN: [&str; 27] = [
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "Tags",
    "ThresholdMetricId",
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ActionConfiguration",
];

const OPERATORS: [&str; 7] = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];

pub(super) fn perform(alarms: &mut Alarms, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let definition = input.as_object().cloned().unwrap_or_default();
    alarms.define(definition, now)?;
    Ok(json!({}))
}

impl Alarms {
    /// Makes an alarm, or puts another definition in the place of the one it has.
    pub(in super::super) fn define(&mut self, definition: Map<String, Value>, now: Timestamp) -> Result<(), AwsError> {
        let input = Value::Object(definition);
        let name = check(&input)?.to_owned();
        let definition = kept(input);
        match self.by_name.get_mut(&name) {
            Some(alarm) => alarm.redefine(definition, now),
            None => {
                self.by_name.insert(name, Alarm::new(definition, now));
            }
        }
        Ok(())
    }
}

/// The name, if everything is there that an alarm needs.
fn check(input: &Value) -> Result<&str, AwsError> {
    let members = Members::of(input, &KNOWN)?;
    let name = members.required_text("AlarmName")?;
    if name.len() > 255 {
        return Err(validation("AlarmName has to have at most 255 characters"));
    }
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        members.texts(list)?;
    }
    members.flag("ActionsEnabled")?;
    if members.has("EvaluationCriteria") {
        return Ok(name);
    }
    let operator = members.text("ComparisonOperator")?.ok_or_else(|| missing("ComparisonOperator"))?;
    if !OPERATORS.contains(&operator) {
        return Err(validation(format!("'{operator}' at 'comparisonOperator' is not one of {}", OPERATORS.join(", "))));
    }
    let periods = members.whole("EvaluationPeriods")?.ok_or_else(|| missing("EvaluationPeriods"))?;
    if periods < 1 {
        return Err(validation("EvaluationPeriods has to be at least 1"));
    }
    check_metric(&members, input)?;
    Ok(name)
}

fn check_metric(members: &Members<'_>, input: &Value) -> Result<(), AwsError> {
    if !(input["Threshold"].is_null() || input["Threshold"].is_number()) {
        return Err(AwsError::client("SerializationException", "Unexpected type for 'Threshold': expected a number"));
    }
    if !members.has("Threshold") && !members.has("ThresholdMetricId") {
        return Err(missing("Threshold"));
    }
    match (members.has("MetricName"), members.has("Metrics")) {
        (true, true) => Err(validation("MetricName and Metrics cannot both be specified")),
        (false, true) => Ok(()),
        (false, false) => Err(missing("MetricName")),
        (true, false) => {
            members.text("Namespace")?.ok_or_else(|| missing("Namespace"))?;
            members.whole("Period")?.ok_or_else(|| missing("Period"))?;
            match (members.text("Statistic")?, members.text("ExtendedStatistic")?) {
                (None, None) => Err(missing("Statistic")),
                (Some(_), Some(_)) => Err(validation("Statistic and ExtendedStatistic cannot both be specified")),
                _ => Ok(()),
            }
        }
    }
}

fn missing(name: &str) -> AwsError {
    AwsError::client("MissingParameter", format!("The parameter {name} is required."))
}

/// The definition as it is shown: without tags and nulls, and with a threshold that is no whole number.
fn kept(input: Value) -> Map<String, Value> {
    let Value::Object(mut definition) = input else {
        return Map::new();
    };
    definition.retain(|name, value| name != "Tags" && !value.is_null());
    if let Some(threshold) = definition.get("Threshold").and_then(Value::as_f64).and_then(Number::from_f64) {
        definition.insert("Threshold".to_owned(), Value::Number(threshold));
    }
    definition
}
