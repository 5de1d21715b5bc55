//! A cluster: a name for services and tasks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{service::Service, task::Task};

/// A cluster with what is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Whether it was deleted (INACTIVE).
    pub(crate) deleted: bool,
    /// The members that were given and are shown as they are.
    pub(crate) document: Map<String, Value>,
    pub(crate) services: BTreeMap<String, Service>,
    /// Tasks without a service, and those whose service was replaced.
    pub(crate) tasks: Vec<Task>,
    /// What `RunTask` started, by client token.
    pub(crate) client_tokens: BTreeMap<String, RememberedRun>,
}

/// A `RunTask` that named a client token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RememberedRun {
    pub(crate) input: Value,
    pub(crate) task_arns: Vec<String>,
}

impl Cluster {
    /// An empty cluster.
    pub(crate) fn new(name: &str, arn: String) -> Self {
        Self {
            name: name.to_owned(),
            arn,
            deleted: false,
            document: Map::new(),
            services: BTreeMap::new(),
            tasks: Vec::new(),
            client_tokens: BTreeMap::new(),
        }
    }

    /// Every task in the cluster.
    pub(crate) fn all_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().chain(self.services.values().flat_map(|service| &service.tasks))
    }

    /// Every task in the cluster, to be changed.
    pub(crate) fn all_tasks_mut(&mut self) -> impl Iterator<Item = &mut Task> {
        self.tasks.iter_mut().chain(self.services.values_mut().flat_map(|service| &mut service.tasks))
    }
}
