//! `DescribeLogGroups` and `DescribeLogStreams`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::store::{Group, Logs},
    errors::invalid,
    group,
};
use crate::{
    api::{Members, Page, page_size},
    fault::AwsError,
    world::Place,
};

const GROUPS: [&str; 8] = [
    "accountIdentifiers",
    "logGroupNamePrefix",
    "logGroupNamePattern",
    "nextToken",
    "limit",
    "includeLinkedAccounts",
    "logGroupClass",
    "logGroupIdentifiers",
];
const STREAMS: [&str; 7] =
    ["logGroupName", "logGroupIdentifier", "logStreamNamePrefix", "orderBy", "descending", "nextToken", "limit"];

pub(super) fn groups(logs: &Logs, input: &Value, place: &Place) -> Result<Value, AwsError> {
    let members = Members::of(input, &GROUPS)?;
    let (prefix, part) = (members.text("logGroupNamePrefix")?, members.text("logGroupNamePattern")?);
    if prefix.is_some() && part.is_some() {
        return Err(invalid("logGroupNamePrefix and logGroupNamePattern cannot both be given"));
    }
    let fits = |name: &str| {
        prefix.is_none_or(|prefix| name.starts_with(prefix)) && part.is_none_or(|part| name.contains(part))
    };
    let found = logs.groups.iter().filter(|(name, _)| fits(name)).map(|(name, group)| show_group(name, group, place));
    let size = page_size(members.whole("limit")?, 50, 50)?;
    paged("logGroups", found.collect(), members.text("nextToken")?, size)
}

pub(super) fn streams(logs: &Logs, input: &Value, place: &Place, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &STREAMS)?;
    let (name, group) = group(logs, &members)?;
    let prefix = members.text("logStreamNamePrefix")?;
    let by_time = match members.text("orderBy")? {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") if prefix.is_some() => {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        Some("LastEventTime") => true,
        Some(_) => return Err(invalid("orderBy has to be LogStreamName or LastEventTime")),
    };
    let wanted = group.streams.iter().filter(|(name, _)| prefix.is_none_or(|prefix| name.starts_with(prefix)));
    let mut shown: Vec<Value> = wanted
        .map(|(stream, found)| {
            let events = found.events(now);
            let mut shown = json!({
                "logStreamName": stream,
                "creationTime": found.created.as_millisecond(),
                "arn": format!("{}:log-stream:{stream}", arn(name, place)),
                "storedBytes": 0,
            });
            if let (Some(first), Some(last)) = (events.first(), events.last()) {
                shown["firstEventTimestamp"] = first.at.as_millisecond().into();
                shown["lastEventTimestamp"] = last.at.as_millisecond().into();
                shown["lastIngestionTime"] = last.at.as_millisecond().into();
            }
            shown
        })
        .collect();
    if by_time {
        shown.sort_by_key(|stream| stream["lastEventTimestamp"].as_i64());
    }
    if members.flag("descending")? == Some(true) {
        shown.reverse();
    }
    let size = page_size(members.whole("limit")?, 50, 50)?;
    paged("logStreams", shown, members.text("nextToken")?, size)
}

fn paged(name: &str, items: Vec<Value>, token: Option<&str>, size: usize) -> Result<Value, AwsError> {
    let page = Page::cut(items, token, size)?;
    let mut answer = json!({name: page.items});
    if let Some(next) = page.next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn show_group(name: &str, group: &Group, place: &Place) -> Value {
    let arn = arn(name, place);
    json!({
        "logGroupName": name,
        "creationTime": group.created.as_millisecond(),
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
    })
}

fn arn(group: &str, place: &Place) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{group}", place.region(), place.account())
}
