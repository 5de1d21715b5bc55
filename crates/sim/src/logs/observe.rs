//! What the containers that ECS runs make of streams.
//!
//! Only the driver `awslogs` is known; a container without it logs nowhere.

use jiff::Timestamp;
use serde_json::Value;

use super::{store::Logs, stream::Stream};
use crate::images::LogScript;

/// A container that has started.
#[derive(Debug)]
pub(crate) struct Ran<'a> {
    /// Its entry of `containerDefinitions`.
    pub(crate) definition: &'a Value,
    /// The id of its task.
    pub(crate) task: &'a str,
    pub(crate) started: Timestamp,
    /// When it stopped, and whether it was told to.
    pub(crate) ended: Option<(Timestamp, bool)>,
}

impl Ran<'_> {
    /// The option of its log driver, if that is `awslogs`.
    fn option(&self, name: &str) -> Option<&str> {
        let configuration = self.definition.get("logConfiguration")?;
        let is_awslogs = configuration["logDriver"] == "awslogs";
        configuration["options"].get(name).and_then(Value::as_str).filter(|_| is_awslogs)
    }

    /// The region that it logs to, if it does not log to its own one.
    pub(crate) fn region(&self) -> Option<&str> {
        self.option("awslogs-region")
    }

    /// `prefix/container/task`; *guess*: without a prefix, which Fargate does not allow, `container/task`.
    fn stream(&self) -> String {
        let name = self.definition["name"].as_str().unwrap_or_default();
        match self.option("awslogs-stream-prefix") {
            Some(prefix) => format!("{prefix}/{name}/{}", self.task),
            None => format!("{name}/{}", self.task),
        }
    }
}

impl Logs {
    /// Takes in that a container has started, or has stopped; what it logs is asked for once.
    pub(crate) fn observe(&mut self, ran: &Ran<'_>, script: impl FnOnce() -> LogScript) {
        let Some(group) = ran.option("awslogs-group") else {
            return;
        };
        let group = self.group(group, ran.started);
        let stream = group.streams.entry(ran.stream()).or_insert_with(|| Stream::new(ran.started, script()));
        if let Some((at, killed)) = ran.ended.filter(|_| !stream.has_ended()) {
            stream.end(at, killed);
        }
    }
}
