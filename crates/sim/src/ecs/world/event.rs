//! The messages of a service for people: the newest hundred.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// As many as `DescribeServices` shows.
const CAPACITY: usize = 100;

/// How long AWS suppresses a repeated complaint.
const SUPPRESSED_FOR: SignedDuration = SignedDuration::from_hours(6);

/// One message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
}

/// The messages of one service, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Events(VecDeque<Event>);

impl Events {
    /// Adds a message.
    pub(crate) fn add(&mut self, id: String, at: Timestamp, message: String) {
        self.0.push_front(Event { id, at, message });
        self.0.truncate(CAPACITY);
    }

    /// Whether the same message came in the last six hours.
    pub(crate) fn is_repeated(&self, at: Timestamp, message: &str) -> bool {
        self.0.iter().any(|event| event.message == message && at.duration_since(event.at) < SUPPRESSED_FOR)
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.0.iter()
    }
}
