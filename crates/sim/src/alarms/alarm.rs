//! One alarm: what it was made from, its state, and how it came there.
//!
//! The definition is kept as it was given; nothing of it is evaluated.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::state::AlarmState;

/// As many entries of an alarm's history are kept.
const MOST_HISTORY: usize = 100;

/// An alarm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Alarm {
    /// The members of `PutMetricAlarm`, without tags.
    pub(super) definition: Map<String, Value>,
    pub(super) state: AlarmState,
    pub(super) reason: String,
    pub(super) reason_data: Option<String>,
    pub(super) configured_at: Timestamp,
    /// When the state or its reason was last set.
    pub(super) updated_at: Timestamp,
    /// When the state last became another one.
    pub(super) changed_at: Timestamp,
    /// Oldest first.
    pub(super) history: Vec<Entry>,
}

/// What happened to an alarm once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) kind: EntryKind,
    pub(super) summary: String,
    /// JSON in a text, as `CloudWatch` has it.
    pub(super) data: String,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum EntryKind {
    ConfigurationUpdate,
    StateUpdate,
}

impl EntryKind {
    /// AWS's word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
        }
    }
}

impl Alarm {
    /// An alarm that nothing is known of yet.
    pub(super) fn new(definition: Map<String, Value>, at: Timestamp) -> Self {
        let mut alarm = Self {
            definition,
            state: AlarmState::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            configured_at: at,
            updated_at: at,
            changed_at: at,
            history: Vec::new(),
        };
        alarm.note_configuration("Create", "created", at);
        alarm
    }

    /// Puts another definition in place; the state stays.
    pub(super) fn redefine(&mut self, definition: Map<String, Value>, at: Timestamp) {
        self.definition = definition;
        self.configured_at = at;
        self.note_configuration("Update", "updated", at);
    }

    /// Sets the state; setting the one that it has changes the reason only.
    pub(super) fn enter(&mut self, state: AlarmState, reason: &str, reason_data: Option<&str>, at: Timestamp) {
        let before = (self.state, std::mem::replace(&mut self.reason, reason.to_owned()));
        self.reason_data = reason_data.map(ToOwned::to_owned);
        self.updated_at = at;
        if before.0 == state {
            return;
        }
        self.state = state;
        self.changed_at = at;
        let summary = format!("Alarm updated from {} to {}", before.0.as_str(), state.as_str());
        let data = json!({
            "version": "1.0",
            "oldState": {"stateValue": before.0.as_str(), "stateReason": before.1},
            "newState": {"stateValue": state.as_str(), "stateReason": reason},
        });
        self.note(Entry { at, kind: EntryKind::StateUpdate, summary, data: data.to_string() });
    }

    fn note_configuration(&mut self, kind: &str, word: &str, at: Timestamp) {
        let name = self.definition.get("AlarmName").and_then(Value::as_str).unwrap_or_default();
        let summary = format!("Alarm \"{name}\" {word}");
        let data = json!({"version": "1.0", "type": kind}).to_string();
        self.note(Entry { at, kind: EntryKind::ConfigurationUpdate, summary, data });
    }

    fn note(&mut self, entry: Entry) {
        if self.history.len() == MOST_HISTORY {
            self.history.remove(0);
        }
        self.history.push(entry);
    }
}
