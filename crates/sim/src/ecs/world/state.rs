//! The whole state, and the part of it that a change of one service may use.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{cluster::Cluster, ids::Ids, task_definition::Families};
use crate::{ecs::knobs::Knobs, world::Alarms};

/// Everything in one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) knobs: Knobs,
    pub(crate) ids: Ids,
    pub(crate) clusters: BTreeMap<String, Cluster>,
    pub(crate) families: Families,
    /// The tags of every tagged resource, by ARN.
    pub(crate) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// What a change of one cluster or service may look at besides.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    /// The instant at which the change happens.
    pub(crate) at: Timestamp,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
    pub(crate) knobs: &'a Knobs,
    pub(crate) ids: &'a mut Ids,
    pub(crate) families: &'a Families,
    /// The alarms at this instant, where anybody has told of them.
    pub(crate) alarms: Option<&'a Alarms>,
}

impl World {
    /// A world with nothing in it.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self {
            account: account.to_owned(),
            region: region.to_owned(),
            knobs: Knobs::default(),
            ids: Ids::new(&format!("{account}/{region}")),
            clusters: BTreeMap::new(),
            families: Families::default(),
            tags: BTreeMap::new(),
        }
    }

    /// The clusters, and beside them what a change of one may use.
    pub(crate) fn split(&mut self, at: Timestamp) -> (&mut BTreeMap<String, Cluster>, Scope<'_>) {
        let scope = Scope {
            at,
            account: &self.account,
            region: &self.region,
            knobs: &self.knobs,
            ids: &mut self.ids,
            families: &self.families,
            alarms: None,
        };
        (&mut self.clusters, scope)
    }

    /// `arn:aws:ecs:<region>:<account>:<rest>`.
    pub(crate) fn arn(&self, rest: &str) -> String {
        arn(&self.region, &self.account, rest)
    }
}

impl Scope<'_> {
    /// `arn:aws:ecs:<region>:<account>:<rest>`.
    pub(crate) fn arn(&self, rest: &str) -> String {
        arn(self.region, self.account, rest)
    }
}

fn arn(region: &str, account: &str, rest: &str) -> String {
    format!("arn:aws:ecs:{region}:{account}:{rest}")
}
