//! The Alarms port on `CloudWatch`, for metric and composite alarms.
//!
//! Alarms on logs, which `CloudWatch` has since 2026, are not asked for: regions without them may refuse the question.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use aws_sdk_cloudwatch::{
    Client,
    operation::describe_alarms::DescribeAlarmsOutput,
    primitives::DateTime,
    types::{AlarmType, CompositeAlarm, MetricAlarm, StateValue},
};
use futures_util::future::try_join_all;
use jiff::Timestamp;
use towpath_core::{
    identifier::AlarmName,
    ports::{Alarms, CallError},
    rollout::{Alarm, AlarmState},
};

use crate::{
    call::{Call, Nature, Terms},
    fault,
    json::Unreadable,
};

/// How many names one call may have.
const NAMES: usize = 100;

/// `CloudWatch` alarms of one account and region.
#[derive(Clone)]
pub struct CloudWatchAlarms {
    client: Client,
    terms: Terms,
}

impl CloudWatchAlarms {
    pub(crate) fn new(client: Client, terms: Terms) -> Self {
        Self { client, terms }
    }

    /// These alarms, every page.
    async fn describe(&self, names: &[String]) -> Result<Vec<Alarm>, CallError> {
        let call = Call {
            operation: "cloudwatch:DescribeAlarms",
            nature: Nature::Read,
            codes: fault::cloud_watch,
            terms: &self.terms,
        };
        // Unless types are named, there are no composite alarms; unless a limit is, there are fifty of a hundred.
        let first = self
            .client
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(100);
        let (mut alarms, mut token) = (Vec::new(), None);
        loop {
            let request = first.clone().set_next_token(token);
            let answer = call.typed(|wire| request.clone().customize().interceptor(wire).send()).await?;
            alarms.extend(page(&answer).map_err(|problem| call.unreadable(&problem))?);
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(alarms);
            }
        }
    }
}

#[async_trait]
impl Alarms for CloudWatchAlarms {
    async fn look(&self, names: &[AlarmName]) -> Result<Vec<Alarm>, CallError> {
        let once: Vec<String> = names.iter().collect::<BTreeSet<_>>().into_iter().map(AlarmName::to_string).collect();
        let found = try_join_all(once.chunks(NAMES).map(|some| self.describe(some))).await?;
        let mut found: BTreeMap<AlarmName, Alarm> =
            found.into_iter().flatten().map(|alarm| (alarm.name.clone(), alarm)).collect();
        Ok(names.iter().filter_map(|name| found.remove(name)).collect())
    }
}

fn page(answer: &DescribeAlarmsOutput) -> Result<Vec<Alarm>, Unreadable> {
    let metric = answer.metric_alarms().iter().map(of_metric);
    let composite = answer.composite_alarms().iter().map(of_alarms);
    metric.chain(composite).collect()
}

fn of_metric(alarm: &MetricAlarm) -> Result<Alarm, Unreadable> {
    let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
    read(alarm.alarm_name(), alarm.state_value(), alarm.state_reason(), since)
}

fn of_alarms(alarm: &CompositeAlarm) -> Result<Alarm, Unreadable> {
    let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
    read(alarm.alarm_name(), alarm.state_value(), alarm.state_reason(), since)
}

/// An alarm without a state is not taken for one that is silent.
fn read(
    name: Option<&str>,
    state: Option<&StateValue>,
    reason: Option<&str>,
    since: Option<&DateTime>,
) -> Result<Alarm, Unreadable> {
    let missing = |name: &str| Unreadable::Missing(name.to_owned());
    let malformed = || Unreadable::Malformed { member: "AlarmName".to_owned(), expected: "an alarm's name" };
    Ok(Alarm {
        name: name.ok_or_else(|| missing("AlarmName"))?.parse().map_err(|_| malformed())?,
        state: state.map(of_word).ok_or_else(|| missing("StateValue"))?,
        reason: reason.map(str::to_owned),
        since: since.and_then(timestamp),
    })
}

fn of_word(state: &StateValue) -> AlarmState {
    match state {
        StateValue::Ok => AlarmState::Ok,
        StateValue::Alarm => AlarmState::Firing,
        StateValue::InsufficientData => AlarmState::InsufficientData,
        other => AlarmState::Unknown(other.as_str().to_owned()),
    }
}

fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_word_and_unknown_ones_are_kept() {
        let check = |word: &str, expected| assert_eq!(of_word(&StateValue::from(word)), expected, "{word}");
        check("OK", AlarmState::Ok);
        check("ALARM", AlarmState::Firing);
        check("INSUFFICIENT_DATA", AlarmState::InsufficientData);
        check("DREAMING", AlarmState::Unknown("DREAMING".to_owned()));
    }

    #[test]
    fn an_alarm_without_a_state_is_unreadable() {
        let alarm = MetricAlarm::builder().alarm_name("latency").build();
        assert_eq!(of_metric(&alarm), Err(Unreadable::Missing("StateValue".to_owned())));
        assert!(of_metric(&MetricAlarm::builder().state_value(StateValue::Ok).build()).is_err());
    }

    #[test]
    fn an_alarm_stands_since_its_state_changed_and_not_since_it_was_looked_at() {
        let at = |seconds| DateTime::from_secs(seconds);
        let alarm = MetricAlarm::builder().alarm_name("latency").state_value(StateValue::Alarm);
        let since = |alarm: MetricAlarm| of_metric(&alarm).unwrap().since.map(Timestamp::as_second);
        assert_eq!(since(alarm.clone().build()), None);
        let alarm = alarm.state_updated_timestamp(at(300));
        assert_eq!(since(alarm.clone().build()), Some(300));
        assert_eq!(since(alarm.state_transitioned_timestamp(at(200)).build()), Some(200));
    }
}
