//! `FilterLogEvents`: lines of several streams, in the order of time.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::{pattern::Pattern, store::Logs},
    Period,
    errors::{bad_token, invalid, no_stream},
    group, limit,
};
use crate::{
    api::{Members, Page},
    fault::AwsError,
};

const KNOWN: [&str; 12] = [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNames",
    "logStreamNamePrefix",
    "startTime",
    "endTime",
    "filterPattern",
    "nextToken",
    "limit",
    "startFromHead",
    "interleaved",
    "unmask",
];

pub(super) fn perform(logs: &Logs, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &KNOWN)?;
    let (_, group) = group(logs, &members)?;
    let (names, prefix) = (members.texts("logStreamNames")?, members.text("logStreamNamePrefix")?);
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix cannot both be given"));
    }
    if names.iter().any(|name| !group.streams.contains_key(*name)) {
        return Err(no_stream());
    }
    let pattern = Pattern::read(members.text("filterPattern")?.unwrap_or_default())
        .ok_or_else(|| invalid("Invalid filter pattern: the simulator knows terms, phrases, `?` and `-` only"))?;
    let (period, limit) = (Period::read(&members)?, limit(&members)?);
    let wanted = |name: &str| {
        (names.is_empty() || names.contains(&name)) && prefix.is_none_or(|prefix| name.starts_with(prefix))
    };
    let streams = group.streams.iter().filter(|(name, _)| wanted(name));
    let mut found: Vec<(i64, Value)> = Vec::new();
    for (name, stream) in streams {
        let events = stream.events(now).into_iter().enumerate();
        let fitting = events.filter(|(_, event)| period.holds(event.at) && pattern.fits(&event.message));
        found.extend(fitting.map(|(place, event)| {
            let at = event.at.as_millisecond();
            let id = format!("{at:020}{}{place:08}", number(name));
            let shown = json!({"logStreamName": name, "timestamp": at, "message": event.message, "ingestionTime": at, "eventId": id});
            (at, shown)
        }));
    }
    found.sort_by_key(|(at, _)| *at);
    let found = found.into_iter().map(|(_, event)| event).collect();
    let page = Page::cut(found, members.text("nextToken")?, limit).map_err(|_| bad_token())?;
    let mut answer = json!({"events": page.items, "searchedLogStreams": []});
    if let Some(next) = page.next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

/// A number of a stream, so that the ids of lines differ between streams.
fn number(stream: &str) -> String {
    let sum = stream.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("{sum:020}")
}
