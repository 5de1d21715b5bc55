//! The groups of one account and region, and their streams.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::stream::Stream;

/// The groups of one account and region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Logs {
    pub(super) groups: BTreeMap<String, Group>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) created: Timestamp,
    pub(super) streams: BTreeMap<String, Stream>,
}

impl Logs {
    /// The group, which is made if it is not there.
    pub(super) fn group(&mut self, name: &str, at: Timestamp) -> &mut Group {
        self.groups.entry(name.to_owned()).or_insert_with(|| Group { created: at, streams: BTreeMap::new() })
    }
}
