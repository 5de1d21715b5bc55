//! [`FakeEvidence`]: target health, alarms and logs as a test says they are.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    identifier::{AlarmName, TargetGroupArn},
    ports::{Alarms, CallError, LogStream, Logs, Targets},
    rollout::{Alarm, LogLine, TargetHealth},
};

use super::mishap::{Mishap, Mishaps, locked};

/// The ports [`Targets`], [`Alarms`] and [`Logs`]. What was not put there does not exist.
#[derive(Debug, Default)]
pub struct FakeEvidence {
    targets: Mutex<BTreeMap<TargetGroupArn, Vec<TargetHealth>>>,
    alarms: Mutex<BTreeMap<AlarmName, Alarm>>,
    logs: Mutex<BTreeMap<LogStream, Vec<LogLine>>>,
    mishaps: Mishaps,
}

impl FakeEvidence {
    /// Nothing to be seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says how a group's targets are from now on.
    pub fn put_targets(&self, group: &TargetGroupArn, health: Vec<TargetHealth>) {
        locked(&self.targets).insert(group.clone(), health);
    }

    /// Says how an alarm stands from now on.
    pub fn put_alarm(&self, alarm: Alarm) {
        locked(&self.alarms).insert(alarm.name.clone(), alarm);
    }

    /// Adds a line to a log.
    pub fn write(&self, stream: &LogStream, line: LogLine) {
        locked(&self.logs).entry(stream.clone()).or_default().push(line);
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }
}

#[async_trait]
impl Targets for FakeEvidence {
    async fn health(&self, group: &TargetGroupArn) -> Result<Vec<TargetHealth>, CallError> {
        let health = || Ok(locked(&self.targets).get(group).cloned().unwrap_or_default());
        self.mishaps.read("elasticloadbalancing:DescribeTargetHealth", health).await
    }

    async fn drain_time(&self, _group: &TargetGroupArn) -> Result<Duration, CallError> {
        let operation = "elasticloadbalancing:DescribeTargetGroupAttributes";
        self.mishaps.read(operation, || Ok(Duration::from_mins(5))).await
    }
}

#[async_trait]
impl Alarms for FakeEvidence {
    async fn look(&self, names: &[AlarmName]) -> Result<Vec<Alarm>, CallError> {
        let alarms = || {
            let known = locked(&self.alarms);
            Ok(names.iter().filter_map(|name| known.get(name).cloned()).collect())
        };
        self.mishaps.read("cloudwatch:DescribeAlarms", alarms).await
    }
}

#[async_trait]
impl Logs for FakeEvidence {
    async fn last(&self, stream: &LogStream, most: usize) -> Result<Vec<LogLine>, CallError> {
        let last = || {
            let lines = locked(&self.logs).get(stream).cloned().unwrap_or_default();
            Ok(lines[lines.len().saturating_sub(most)..].to_vec())
        };
        self.mishaps.read("logs:GetLogEvents", last).await
    }

    async fn since(&self, stream: &LogStream, from: Timestamp) -> Result<Vec<LogLine>, CallError> {
        let since = || {
            let lines = locked(&self.logs).get(stream).cloned().unwrap_or_default();
            Ok(lines.into_iter().filter(|line| line.at.is_none_or(|at| at >= from)).collect())
        };
        self.mishaps.read("logs:GetLogEvents", since).await
    }
}
