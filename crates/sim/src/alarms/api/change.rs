//! `SetAlarmState` and `DeleteAlarms`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::{state::AlarmState, store::Alarms},
    errors::{not_found, validation},
};
use crate::{api::Members, fault::AwsError};

/// As many alarms are deleted at once.
const MOST: usize = 100;

pub(super) fn set_state(alarms: &mut Alarms, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &["AlarmName", "StateValue", "StateReason", "StateReasonData"])?;
    let name = members.required_text("AlarmName")?;
    let word = members.required_text("StateValue")?;
    let state = AlarmState::by_word(word).ok_or_else(|| {
        validation(format!(
            "1 validation error detected: Value '{word}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
        ))
    })?;
    let reason = members.text("StateReason")?.ok_or_else(|| {
        validation(
            "1 validation error detected: Value at 'stateReason' failed to satisfy constraint: Member must not be null",
        )
    })?;
    let data = members.text("StateReasonData")?;
    if data.is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(AwsError::client("InvalidFormat", "StateReasonData is not valid JSON"));
    }
    let alarm = alarms.by_name.get_mut(name).ok_or_else(|| not_found("The alarm does not exist"))?;
    alarm.enter(state, reason, data, now);
    Ok(json!({}))
}

/// Deletes all or none.
pub(super) fn delete(alarms: &mut Alarms, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["AlarmNames"])?;
    let names = members.texts("AlarmNames")?;
    if names.is_empty() || names.len() > MOST {
        return Err(validation("AlarmNames has to have between 1 and 100 entries"));
    }
    let missing: Vec<&str> = names.iter().copied().filter(|name| !alarms.by_name.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Err(not_found(format!("Alarm(s) {missing:?} do not exist")));
    }
    for name in names {
        alarms.remove(name);
    }
    Ok(json!({}))
}
