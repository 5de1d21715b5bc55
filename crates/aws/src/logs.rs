//! The Logs port on `CloudWatch` Logs: one stream, read from either end.
//!
//! Pages may be empty although more follow; a stream's end is where the token no longer changes. No query is started,
//! and nothing is unmasked.

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::operation::get_log_events::builders::GetLogEventsFluentBuilder;
use jiff::Timestamp;
use serde_json::Value;
use towpath_core::{
    ports::{CallError, LogStream, Logs},
    rollout::LogLine,
};

use crate::{
    call::{Call, Nature},
    connect::Aws,
    fault,
    json::{self, Unreadable},
    log_line,
};

/// The most lines that one call and one answer of this port may have.
const MOST: usize = 10_000;
/// How many pages are read at most, so that a stream that is written as fast as it is read has an end. Pages have up
/// to 1 MB each; how many empty ones may follow each other is not documented.
const PAGES: usize = 50;

/// Log streams of one account.
#[derive(Clone)]
pub struct CloudWatchLogs {
    aws: Aws,
}

/// One page, and where the next one is.
struct Page {
    lines: Vec<LogLine>,
    next: Option<String>,
}

/// Which way a stream is read.
#[derive(Clone, Copy)]
enum Way {
    /// From its end.
    Back,
    /// From a time on.
    On(Timestamp),
}

impl CloudWatchLogs {
    pub(crate) fn new(aws: Aws) -> Self {
        Self { aws }
    }

    /// The pages in the order read, until there are `enough` lines or no more.
    async fn pages(&self, stream: &LogStream, way: Way, enough: usize) -> Result<Vec<Vec<LogLine>>, CallError> {
        let call =
            Call { operation: "logs:GetLogEvents", nature: Nature::Read, codes: fault::logs, terms: self.aws.terms() };
        let first = self.first(stream, way, enough);
        let (mut pages, mut lines, mut token) = (Vec::new(), 0, None);
        for _ in 0..PAGES {
            let request = first.clone().set_next_token(token.clone());
            let answer = match call.json(|wire| request.clone().customize().interceptor(wire).send()).await {
                Err(error) if error.is_not_found() => break,
                answer => answer?,
            };
            let page = page(&answer, way).map_err(|problem| call.unreadable(&problem))?;
            lines += page.lines.len();
            pages.push(page.lines);
            let is_end = page.next.is_none() || page.next == token;
            if is_end || lines >= enough {
                break;
            }
            token = page.next;
        }
        Ok(pages)
    }

    fn first(&self, stream: &LogStream, way: Way, enough: usize) -> GetLogEventsFluentBuilder {
        let region = stream.region.as_ref().unwrap_or_else(|| self.aws.region());
        let limit = i32::try_from(enough.min(MOST)).unwrap_or(i32::MAX);
        let request = self.aws.logs_in(region.as_str()).get_log_events();
        let request = request.log_group_name(&stream.group).log_stream_name(&stream.stream).limit(limit);
        match way {
            Way::Back => request.start_from_head(false),
            // AWS knows no time before 1970.
            Way::On(from) => request.start_from_head(true).start_time(from.as_millisecond().max(0)),
        }
    }
}

#[async_trait]
impl Logs for CloudWatchLogs {
    async fn last(&self, stream: &LogStream, most: usize) -> Result<Vec<LogLine>, CallError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let pages = self.pages(stream, Way::Back, most).await?;
        // Within a page the oldest line is first; of the pages, the newest.
        let mut lines: Vec<LogLine> = pages.into_iter().rev().flatten().collect();
        let older = lines.len().saturating_sub(most);
        Ok(lines.split_off(older))
    }

    async fn since(&self, stream: &LogStream, from: Timestamp) -> Result<Vec<LogLine>, CallError> {
        let pages = self.pages(stream, Way::On(from), MOST).await?;
        // AWS counts in milliseconds.
        let is_wanted = |line: &LogLine| line.at.is_none_or(|at| at >= from);
        Ok(pages.into_iter().flatten().filter(is_wanted).take(MOST).collect())
    }
}

fn page(answer: &Value, way: Way) -> Result<Page, Unreadable> {
    let token = match way {
        Way::Back => "nextBackwardToken",
        Way::On(_) => "nextForwardToken",
    };
    Ok(Page { lines: log_line::lines(answer)?, next: json::text(answer, token)?.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_way_has_its_own_token() {
        let answer = json!({"events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1"});
        let next = |way| page(&answer, way).unwrap().next.unwrap();
        assert_eq!((next(Way::Back).as_str(), next(Way::On(Timestamp::UNIX_EPOCH)).as_str()), ("b/1", "f/1"));
        assert!(page(&json!({"events": {}}), Way::Back).is_err());
    }
}
