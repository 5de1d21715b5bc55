//! `DescribeAlarmHistory`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::{alarm::Entry, store::Alarms},
    errors::validation,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

const KNOWN: [&str; 9] = [
    "AlarmName",
    "AlarmContributorId",
    "AlarmTypes",
    "HistoryItemType",
    "StartDate",
    "EndDate",
    "MaxRecords",
    "NextToken",
    "ScanBy",
];

/// The newest entry comes first, unless the oldest is asked for.
pub(super) fn perform(alarms: &Alarms, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &KNOWN)?;
    let (name, kind) = (members.text("AlarmName")?, members.text("HistoryItemType")?);
    let bounds = (instant(input, "StartDate")?, instant(input, "EndDate")?);
    let fits = |entry: &Entry| {
        kind.is_none_or(|kind| kind == entry.kind.as_str())
            && bounds.0.is_none_or(|start| start <= entry.at)
            && bounds.1.is_none_or(|end| entry.at <= end)
    };
    let alarms = alarms.by_name.iter().filter(|(alarm, _)| name.is_none_or(|name| name == *alarm));
    let mut entries: Vec<_> =
        alarms.flat_map(|(name, alarm)| alarm.history.iter().map(move |entry| (name, entry))).collect();
    entries.retain(|(_, entry)| fits(entry));
    entries.sort_by_key(|(_, entry)| entry.at);
    if members.text("ScanBy")? != Some("TimestampAscending") {
        entries.reverse();
    }
    let size = page_size(members.whole("MaxRecords")?, 100, 100)?;
    let page = Page::cut(entries, members.text("NextToken")?, size)?;
    let shown: Vec<_> = page.items.into_iter().map(|(name, entry)| show(name, entry)).collect();
    let mut answer = json!({"AlarmHistoryItems": shown});
    if let Some(next) = page.next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

fn show(name: &str, entry: &Entry) -> Value {
    json!({
        "AlarmName": name,
        "AlarmType": "MetricAlarm",
        "Timestamp": epoch_seconds(entry.at),
        "HistoryItemType": entry.kind.as_str(),
        "HistorySummary": entry.summary,
        "HistoryData": entry.data,
    })
}

/// An instant, as seconds since 1970 or as a text.
fn instant(input: &Value, name: &str) -> Result<Option<Timestamp>, AwsError> {
    let read = match &input[name] {
        Value::Null => return Ok(None),
        Value::String(text) => text.parse().ok(),
        value => value
            .as_f64()
            .and_then(|seconds| jiff::SignedDuration::try_from_secs_f64(seconds).ok())
            .and_then(|since| Timestamp::UNIX_EPOCH.checked_add(since).ok()),
    };
    read.map(Some).ok_or_else(|| validation(format!("'{name}' is not an instant")))
}
