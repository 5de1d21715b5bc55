//! One rollout and the tool that waited for it, and what all of a tool's amount to.

use std::{fs::File, process::Stdio};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::peers::simulated::REGION;

use super::{
    tools::{Place, Tool},
    world,
};

/// A tool's run, in milliseconds of the simulator's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Course {
    number: usize,
    started: i64,
    ended: i64,
    succeeded: bool,
}

/// How a tool did. Times are in seconds.
#[derive(Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) tool: Tool,
    /// How long after each rollout's end the tool ended, the shortest first; of those that ended well.
    pub(super) delays: Vec<f64>,
    /// How many ended otherwise, or before the rollout did.
    pub(super) failed: usize,
    /// Calls that read, for a service and a minute of a run.
    pub(super) reads: f64,
    /// Calls that change something, for a service.
    pub(super) writes: f64,
}

/// Runs a tool to its end.
pub(super) fn follow(place: &Place<'_>, tool: Tool, number: usize) -> Result<Course> {
    let printed = place.folder.join(format!("{}.log", world::service(tool, number)));
    let output = File::create(&printed).with_context(|| printed.display().to_string())?;
    let mut command = place.command(tool, number);
    command.stdout(output.try_clone()?).stderr(Stdio::from(output));
    let started = now(place)?;
    let status = command.status().with_context(|| format!("{command:?}"))?;
    Ok(Course { number, started, ended: now(place)?, succeeded: status.success() })
}

fn now(place: &Place<'_>) -> Result<i64> {
    let clock = place.simulated.control("GET", "clock", "")?;
    clock["now"].as_str().and_then(milliseconds).context("the simulator's clock says nothing")
}

impl Standing {
    /// Holds a tool's runs against what the simulator knows.
    pub(super) fn of(tool: Tool, courses: &[Course], state: &Value, calls: &[Value]) -> Self {
        let (mut delays, mut failed, mut minutes) = (Vec::new(), 0, 0.0);
        for course in courses {
            let service = world::service(tool, course.number);
            let over = completed(state, tool.account(), &service);
            minutes += seconds(course.ended - course.started) / 60.0;
            match over.filter(|over| course.succeeded && *over <= course.ended && *over > course.started) {
                Some(over) => delays.push(seconds(course.ended - over)),
                None => failed += 1,
            }
        }
        delays.sort_by(f64::total_cmp);
        let own = || calls.iter().filter(|call| call["account"] == tool.account());
        let writes = count(own().filter(|call| is_write(call)));
        let reads = count(own()) - writes;
        Self { tool, delays, failed, reads: reads / minutes, writes: writes / count(courses.iter()) }
    }

    /// The mean delay.
    pub(super) fn mean(&self) -> f64 {
        self.delays.iter().sum::<f64>() / count(self.delays.iter())
    }

    /// The middle delay.
    pub(super) fn median(&self) -> f64 {
        self.delays.get(self.delays.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The longest delay.
    pub(super) fn longest(&self) -> f64 {
        self.delays.last().copied().unwrap_or(f64::NAN)
    }
}

fn is_write(call: &Value) -> bool {
    let operation = call["operation"].as_str().unwrap_or_default();
    ["Register", "Update", "Deregister", "Put"].iter().any(|verb| operation.starts_with(verb))
}

/// When the service's primary deployment was completed in the classic model.
fn completed(state: &Value, account: &str, service: &str) -> Option<i64> {
    let world = &state["ecs"][format!("{account}/{REGION}")]["world"];
    let deployments = world["clusters"][world::CLUSTER]["services"][service]["deployments"].as_array()?;
    let primary = deployments.iter().find(|deployment| deployment["status"] == "Primary")?;
    (primary["rollout"] == "Completed").then(|| primary["updated_at"].as_str().and_then(milliseconds))?
}

/// Milliseconds within a month of an RFC 3339 instant in UTC: runs that last over the end of a month are not measured.
fn milliseconds(instant: &str) -> Option<i64> {
    let (day, time) = instant.strip_suffix('Z')?.split_once('T')?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let number = |text: &str| text.parse::<i64>().ok();
    let parts: Vec<i64> = clock.split(':').map(number).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts[..] else {
        return None;
    };
    let days = number(day.rsplit('-').next()?)?;
    let millis = number(&format!("{fraction:0<3}")[..3])?;
    Some((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + millis)
}

fn seconds(milliseconds: i64) -> f64 {
    f64::from(i32::try_from(milliseconds).unwrap_or(i32::MAX)) / 1_000.0
}

fn count<T>(items: impl Iterator<Item = T>) -> f64 {
    f64::from(u32::try_from(items.count()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn instants_are_read_to_the_millisecond() {
        let check = |instant: &str, expected: Option<i64>| assert_eq!(milliseconds(instant), expected, "{instant}");
        check("2026-03-01T00:00:01.25Z", Some(86_401_250));
        check("2026-03-01T00:01:00.834556269Z", Some(86_460_834));
        check("2026-03-01T01:00:00Z", Some(90_000_000));
        check("2026-03-01", None);
    }

    #[test]
    fn a_tool_that_ends_before_the_rollout_has_failed() {
        let deployments = json!([{"status": "Primary", "rollout": "Completed", "updated_at": "2026-03-01T00:01:00Z"}]);
        let services = json!({"towpath-01": {"deployments": deployments}, "towpath-02": {"deployments": deployments}});
        let state =
            json!({"ecs": {"111111111111/us-west-2": {"world": {"clusters": {"shop": {"services": services}}}}}});
        let course = |number, ended| Course { number, started: 86_400_000, ended, succeeded: true };
        let call = |operation: &str| json!({"account": "111111111111", "operation": operation});
        let calls = [call("DescribeServices"), call("UpdateService"), json!({"account": "2"})];
        let courses = [course(1, 86_461_500), course(2, 86_458_500)];
        let standing = Standing::of(Tool::Towpath, &courses, &state, &calls);
        assert_eq!((standing.delays, standing.failed), (vec![1.5], 1));
        assert_eq!((standing.reads, standing.writes), (0.5, 0.5));
    }
}
