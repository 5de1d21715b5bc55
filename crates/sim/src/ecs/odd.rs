//! Odd answers that clients should live through: members that are absent or strange, services that are MISSING
//! for a moment, reads that go backwards.
//!
//! Which ones is said in the knobs; here they are carried out, on the answer alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    knobs::{AnswerEdit, Knobs},
    world::World,
};

/// How many calls of each operation there were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Tally(BTreeMap<String, u64>);

impl Tally {
    /// Counts a call; its number, from 1.
    pub(super) fn count(&mut self, operation: &str) -> u64 {
        let number = self.0.entry(operation.to_owned()).or_default();
        *number += 1;
        *number
    }
}

/// The answer of a `DescribeServices` that finds nothing this time.
pub(super) fn missing(world: &World, operation: &str, input: &Value, number: u64) -> Option<Value> {
    if operation != "DescribeServices" || !world.knobs.missing_services.contains(&number) {
        return None;
    }
    let last = |reference: &Value| reference.as_str()?.rsplit('/').next().map(ToOwned::to_owned);
    let cluster = last(&input["cluster"]).unwrap_or_else(|| "default".to_owned());
    let asked = input["services"].as_array().into_iter().flatten().filter_map(last);
    let failure = |name: String| json!({"arn": world.arn(&format!("service/{cluster}/{name}")), "reason": "MISSING"});
    Some(json!({"services": [], "failures": asked.map(failure).collect::<Vec<_>>()}))
}

/// How long `operation` lags this time, where the knobs say so for each time.
pub(super) fn lag(knobs: &Knobs, operation: &str, number: u64) -> Option<f64> {
    let lags = &knobs.describe_services_lags;
    if operation != "DescribeServices" || lags.is_empty() {
        return None;
    }
    let index = usize::try_from(number.saturating_sub(1)).unwrap_or_default() % lags.len();
    lags.get(index).copied()
}

/// The answer with what the knobs change about it.
pub(super) fn edited(edits: &[AnswerEdit], operation: &str, number: u64, mut answer: Value) -> Value {
    let fits = |edit: &&AnswerEdit| {
        (edit.operation == "*" || edit.operation == operation) && (edit.on.is_empty() || edit.on.contains(&number))
    };
    for edit in edits.iter().filter(fits) {
        apply(edit, &mut answer);
    }
    answer
}

fn apply(edit: &AnswerEdit, value: &mut Value) {
    match value {
        Value::Object(members) => {
            let fits =
                members.get(&edit.member).is_some_and(|found| edit.only.as_ref().is_none_or(|only| only == found));
            match &edit.value {
                Some(new) if fits => {
                    members.insert(edit.member.clone(), new.clone());
                }
                None if fits => {
                    members.shift_remove(&edit.member);
                }
                _ => {}
            }
            members.values_mut().for_each(|value| apply(edit, value));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| apply(edit, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
