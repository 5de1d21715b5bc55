//! `DescribeAlarms`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    super::{alarm::Alarm, state::AlarmState, store::Alarms},
    errors::validation,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
    world::Place,
};

const KNOWN: [&str; 9] = [
    "AlarmNames",
    "AlarmNamePrefix",
    "AlarmTypes",
    "StateValue",
    "ActionPrefix",
    "ChildrenOfAlarmName",
    "ParentsOfAlarmName",
    "MaxRecords",
    "NextToken",
];
const ACTIONS: [&str; 3] = ["OKActions", "AlarmActions", "InsufficientDataActions"];

pub(super) fn perform(alarms: &Alarms, input: &Value, place: &Place) -> Result<Value, AwsError> {
    let members = Members::of(input, &KNOWN)?;
    let wanted = Wanted::read(&members)?;
    let found: Vec<_> = alarms.by_name.iter().filter(|(name, alarm)| wanted.fits(name, alarm)).collect();
    let size = page_size(members.whole("MaxRecords")?, 50, 100)?;
    let page = Page::cut(found, members.text("NextToken")?, size)?;
    let shown: Vec<_> = page.items.into_iter().map(|(name, alarm)| show(name, alarm, place)).collect();
    let mut answer = json!({"MetricAlarms": shown, "CompositeAlarms": []});
    if let Some(next) = page.next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// Which alarms are asked for.
struct Wanted<'a> {
    names: Vec<&'a str>,
    prefix: Option<&'a str>,
    action: Option<&'a str>,
    state: Option<AlarmState>,
    /// Nothing is found where only other kinds of alarms are asked for, or the relatives of composite ones.
    nothing: bool,
}

impl<'a> Wanted<'a> {
    fn read(members: &Members<'a>) -> Result<Self, AwsError> {
        let (names, prefix) = (members.texts("AlarmNames")?, members.text("AlarmNamePrefix")?);
        if !names.is_empty() && prefix.is_some() {
            return Err(AwsError::client(
                "InvalidParameterCombination",
                "AlarmNames and AlarmNamePrefix cannot be specified together",
            ));
        }
        if names.len() > 100 {
            return Err(validation("AlarmNames has to have at most 100 entries"));
        }
        let state = members.text("StateValue")?.map(|word| {
            AlarmState::by_word(word)
                .ok_or_else(|| validation(format!("'{word}' at 'stateValue' is not a state of an alarm")))
        });
        let kinds = members.texts("AlarmTypes")?;
        let relatives = members.has("ChildrenOfAlarmName") || members.has("ParentsOfAlarmName");
        Ok(Self {
            names,
            prefix,
            action: members.text("ActionPrefix")?,
            state: state.transpose()?,
            nothing: relatives || !(kinds.is_empty() || kinds.contains(&"MetricAlarm")),
        })
    }

    fn fits(&self, name: &str, alarm: &Alarm) -> bool {
        let has_action = |prefix: &str| {
            let lists = ACTIONS.iter().filter_map(|list| alarm.definition.get(*list)?.as_array());
            lists.flatten().filter_map(Value::as_str).any(|action| action.starts_with(prefix))
        };
        !self.nothing
            && (self.names.is_empty() || self.names.contains(&name))
            && self.prefix.is_none_or(|prefix| name.starts_with(prefix))
            && self.state.is_none_or(|state| state == alarm.state)
            && self.action.is_none_or(has_action)
    }
}

fn show(name: &str, alarm: &Alarm, place: &Place) -> Value {
    let mut shown: Map<String, Value> = alarm.definition.clone();
    let instant = |at: Timestamp| epoch_seconds(at);
    let arn = format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", place.region(), place.account());
    shown.entry("ActionsEnabled").or_insert(true.into());
    for list in ACTIONS.into_iter().chain(["Dimensions"]) {
        shown.entry(list).or_insert(json!([]));
    }
    let further = [
        ("AlarmArn", Value::from(arn)),
        ("AlarmConfigurationUpdatedTimestamp", instant(alarm.configured_at)),
        ("StateValue", alarm.state.as_str().into()),
        ("StateReason", alarm.reason.clone().into()),
        ("StateUpdatedTimestamp", instant(alarm.updated_at)),
        ("StateTransitionedTimestamp", instant(alarm.changed_at)),
    ];
    shown.extend(further.map(|(name, value)| (name.to_owned(), value)));
    if let Some(data) = &alarm.reason_data {
        shown.insert("StateReasonData".to_owned(), data.clone().into());
    }
    Value::Object(shown)
}
