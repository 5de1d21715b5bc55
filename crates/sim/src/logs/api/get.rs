//! `GetLogEvents`: one stream, forwards and backwards.
//!
//! A token is a place in the stream: `f/` reads from there on, `b/` what is before. Where there is nothing, the token
//! that was sent comes back, which is how a reader knows the end.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    super::{store::Logs, stream::Event},
    Period,
    errors::{bad_token, no_stream},
    group, limit,
};
use crate::{api::Members, fault::AwsError};

const KNOWN: [&str; 9] = [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamName",
    "startTime",
    "endTime",
    "nextToken",
    "limit",
    "startFromHead",
    "unmask",
];

pub(super) fn perform(logs: &Logs, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, &KNOWN)?;
    let (_, group) = group(logs, &members)?;
    let name = members.required_text("logStreamName")?;
    let events = group.streams.get(name).ok_or_else(no_stream)?.events(now);
    let (period, limit) = (Period::read(&members)?, limit(&members)?);
    let within = within(&events, &period);
    let from_head = members.flag("startFromHead")? == Some(true);
    let shown = match members.text("nextToken")?.map(Token::read).transpose()? {
        Some(Token::Forward(place)) => first(within.start.max(place)..within.end, limit),
        Some(Token::Backward(place)) => last(within.start..within.end.min(place), limit),
        None if from_head => first(within, limit),
        None => last(within, limit),
    };
    let lines = events.get(shown.clone()).unwrap_or_default().iter().map(show);
    Ok(json!({
        "events": lines.collect::<Vec<_>>(),
        "nextForwardToken": Token::Forward(shown.end).write(),
        "nextBackwardToken": Token::Backward(shown.start).write(),
    }))
}

/// The lines of a period: lines are in the order of time.
fn within(events: &[Event], period: &Period) -> Range<usize> {
    let start = events.iter().position(|event| period.holds(event.at)).unwrap_or(events.len());
    let number = events[start..].iter().take_while(|event| period.holds(event.at)).count();
    start..start + number
}

/// At most `limit` from the beginning; a range that is none begins and ends where it begins.
fn first(range: Range<usize>, limit: usize) -> Range<usize> {
    let end = range.end.max(range.start);
    range.start..end.min(range.start.saturating_add(limit))
}

/// At most `limit` from the end.
fn last(range: Range<usize>, limit: usize) -> Range<usize> {
    let start = range.start.min(range.end);
    start.max(range.end.saturating_sub(limit))..range.end
}

fn show(event: &Event) -> Value {
    let at = event.at.as_millisecond();
    json!({"timestamp": at, "message": event.message, "ingestionTime": at})
}

/// A place in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Forward(usize),
    Backward(usize),
}

impl Token {
    fn read(text: &str) -> Result<Self, AwsError> {
        let place = |rest: &str| rest.strip_suffix("/s").and_then(|place| place.parse().ok());
        let forward = text.strip_prefix("f/").and_then(place).map(Self::Forward);
        let backward = || text.strip_prefix("b/").and_then(place).map(Self::Backward);
        forward.or_else(backward).ok_or_else(bad_token)
    }

    fn write(self) -> String {
        match self {
            Self::Forward(place) => format!("f/{place:056}/s"),
            Self::Backward(place) => format!("b/{place:056}/s"),
        }
    }
}
