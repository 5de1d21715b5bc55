//! The alarms of one account and region.
//!
//! Who asks for a deployment's sake finds the states here; the API is beside.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    alarm::Alarm,
    script::{AlarmSpec, Script, Seen},
    state::AlarmState,
};
use crate::fault::AwsError;

/// The alarms of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Alarms {
    pub(super) by_name: BTreeMap<String, Alarm>,
    scripts: Vec<Script>,
}

impl Alarms {
    /// The state of an alarm; none if there is no such alarm.
    pub(crate) fn state(&self, name: &str) -> Option<AlarmState> {
        self.by_name.get(name).map(|alarm| alarm.state)
    }

    /// Sets the state of an alarm, which is made if it is not there.
    pub(crate) fn put(&mut self, name: &str, state: AlarmState, reason: &str, at: Timestamp) {
        let alarm = self.by_name.entry(name.to_owned());
        alarm.or_insert_with(|| Alarm::new(scripted(name), at)).enter(state, reason, None, at);
    }

    /// Makes or changes an alarm as `spec` says; the changes that it scripts take the place of earlier ones.
    pub(crate) fn set(&mut self, spec: &AlarmSpec, at: Timestamp) -> Result<(), AwsError> {
        let mut definition = scripted(&spec.name);
        definition.extend(spec.put_metric_alarm.clone());
        definition.insert("AlarmName".to_owned(), spec.name.clone().into());
        if !self.by_name.contains_key(&spec.name) || !spec.put_metric_alarm.is_empty() {
            self.define(definition, at)?;
        }
        self.put(&spec.name, spec.state, spec.reason.as_deref().unwrap_or("Set by the scenario"), at);
        self.scripts.retain(|script| script.alarm() != spec.name);
        self.scripts.extend(spec.changes.iter().map(|change| Script::new(&spec.name, change, at)));
        Ok(())
    }

    /// Every alarm with its state, for people.
    pub(crate) fn shown(&self, place: &str) -> Vec<Value> {
        let shown = self.by_name.iter().map(|(name, alarm)| {
            let (state, reason) = (alarm.state.as_str(), &alarm.reason);
            json!({"place": place, "name": name, "state": state, "reason": reason, "changed-at": alarm.changed_at})
        });
        shown.collect()
    }

    /// Whether some change waits for what ECS does.
    pub(crate) fn watches(&self) -> bool {
        self.scripts.iter().any(Script::watches)
    }

    /// When the next change is due.
    pub(crate) fn next_step(&self) -> Option<Timestamp> {
        self.scripts.iter().filter_map(Script::due).min()
    }

    /// Lets every change happen that is due at `at`, with what is seen of ECS then.
    pub(crate) fn step(&mut self, at: Timestamp, seen: &Seen<'_>) {
        let mut scripts = std::mem::take(&mut self.scripts);
        for script in &mut scripts {
            script.look(at, seen);
            while let Some((state, reason)) = script.next_change(at) {
                self.enter_if_there(script.alarm(), state, &reason, at);
            }
        }
        self.scripts = scripts;
    }

    /// Forgets an alarm, and what was scripted for it.
    pub(super) fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
        self.scripts.retain(|script| script.alarm() != name);
    }

    /// A deleted alarm is not made again by a script.
    fn enter_if_there(&mut self, name: &str, state: AlarmState, reason: &str, at: Timestamp) {
        if let Some(alarm) = self.by_name.get_mut(name) {
            alarm.enter(state, reason, None, at);
        }
    }
}

/// The definition of an alarm that nobody defined: one that no metric ever feeds.
fn scripted(name: &str) -> Map<String, Value> {
    let members = [
        ("AlarmName", Value::from(name)),
        ("Namespace", "Simulator".into()),
        ("MetricName", "Scripted".into()),
        ("Statistic", "Sum".into()),
        ("Period", 60.into()),
        ("EvaluationPeriods", 1.into()),
        ("Threshold", 0.0.into()),
        ("ComparisonOperator", "GreaterThanThreshold".into()),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_alarm_that_is_not_there_has_no_state() {
        let mut alarms = Alarms::default();
        assert_eq!(alarms.state("errors"), None);
        alarms.put("errors", AlarmState::Alarm, "too many", at(5));
        assert_eq!((alarms.state("errors"), alarms.by_name["errors"].changed_at), (Some(AlarmState::Alarm), at(5)));
    }

    #[test]
    fn saying_the_same_again_is_no_change() {
        let mut alarms = Alarms::default();
        alarms.put("errors", AlarmState::Ok, "fine", at(5));
        alarms.put("errors", AlarmState::Ok, "still fine", at(9));
        assert_eq!(alarms.by_name["errors"].changed_at, at(5));
    }

    #[test]
    fn scripted_changes_happen_when_they_are_due() {
        let spec: AlarmSpec =
            toml::from_str("name = \"errors\"\nchanges = [{ when = \"start\", after = 60, lasts = 30 }]").unwrap();
        let mut alarms = Alarms::default();
        alarms.set(&spec, at(0)).unwrap();
        let mut states = Vec::new();
        while let Some(next) = alarms.next_step() {
            alarms.step(next, &Seen::default());
            states.push((next.as_second(), alarms.state("errors").unwrap()));
        }
        assert_eq!(states, [(60, AlarmState::Alarm), (90, AlarmState::Ok)]);
    }

    #[test]
    fn a_definition_that_cloudwatch_refuses_is_refused() {
        let spec: AlarmSpec = toml::from_str("name = \"errors\"\nput-metric-alarm = { Perod = 60 }").unwrap();
        assert!(Alarms::default().set(&spec, at(0)).is_err());
    }

    #[test]
    fn a_deleted_alarm_is_not_made_again_by_its_script() {
        let spec: AlarmSpec =
            toml::from_str("name = \"errors\"\nchanges = [{ when = \"start\", after = 60 }]").unwrap();
        let mut alarms = Alarms::default();
        alarms.set(&spec, at(0)).unwrap();
        alarms.remove("errors");
        alarms.step(at(60), &Seen::default());
        assert_eq!((alarms.state("errors"), alarms.next_step()), (None, None));
    }
}
