//! Task definitions as documents: what was registered is kept as it came.
//!
//! The few questions that the scheduler asks of a document are methods here; checks and normalisation happen
//! at registration.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All families.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Families(pub(crate) BTreeMap<String, Family>);

/// The revisions of one family.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) revisions: BTreeMap<u32, TaskDefinition>,
}

/// One revision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: u32,
    pub(crate) active: bool,
    /// The registered members, normalised, without tags.
    pub(crate) document: Map<String, Value>,
    pub(crate) registered_at: Timestamp,
    pub(crate) deregistered_at: Option<Timestamp>,
}

/// The health check of a container.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    /// Until a container that never answers is called unhealthy, in seconds after its start.
    pub(crate) verdict_after: f64,
}

impl Families {
    /// The definition that `reference` (family, family:revision or ARN) names.
    pub(crate) fn find(&self, reference: &str) -> Option<&TaskDefinition> {
        let (family, revision) = split(reference);
        let family = self.0.get(family)?;
        match revision {
            Some(revision) => family.revisions.get(&revision.parse().ok()?),
            None => family.revisions.values().rev().find(|definition| definition.active),
        }
    }

    /// As `find`, to be changed.
    pub(crate) fn find_mut(&mut self, reference: &str) -> Option<&mut TaskDefinition> {
        let (family, revision) = split(reference);
        self.0.get_mut(family)?.revisions.get_mut(&revision?.parse().ok()?)
    }
}

fn split(reference: &str) -> (&str, Option<&str>) {
    let name = reference.rsplit_once('/').map_or(reference, |(_, name)| name);
    match name.split_once(':') {
        Some((family, revision)) => (family, Some(revision)),
        None => (name, None),
    }
}

impl TaskDefinition {
    /// The container definitions.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &Value> {
        self.document.get("containerDefinitions").and_then(Value::as_array).into_iter().flatten()
    }

    /// The index of the container that decides what the task does: the first essential one.
    pub(crate) fn main_container(&self) -> usize {
        self.containers().position(is_essential).unwrap_or(0)
    }

    /// The health check of the first essential container that has one.
    pub(crate) fn health_check(&self) -> Option<HealthCheck> {
        let check = self
            .containers()
            .filter(|container| is_essential(container))
            .find_map(|container| container.get("healthCheck"))?;
        let number = |name: &str, default: f64| check.get(name).and_then(Value::as_f64).unwrap_or(default);
        Some(HealthCheck {
            verdict_after: number("interval", 30.0) * number("retries", 3.0) + number("startPeriod", 0.0),
        })
    }

    /// How long the main container may take to stop, in seconds.
    pub(crate) fn stop_timeout(&self) -> f64 {
        self.containers()
            .nth(self.main_container())
            .and_then(|container| container["stopTimeout"].as_f64())
            .unwrap_or(30.0)
    }

    /// A string member of the document.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.document.get(name).and_then(Value::as_str)
    }
}

fn is_essential(container: &Value) -> bool {
    container.get("essential").and_then(Value::as_bool).unwrap_or(true)
}
