//! The three states of an alarm.
//!
//! It does not say how an alarm comes into one.

use serde::{Deserialize, Serialize};

/// The state of an alarm.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AlarmState {
    /// The metric is within its bounds.
    #[default]
    #[serde(rename = "OK")]
    Ok,
    /// The metric is out of its bounds.
    #[serde(rename = "ALARM")]
    Alarm,
    /// Nothing is known, as of an alarm that was just made.
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

impl AlarmState {
    /// Every state.
    pub(super) const ALL: [Self; 3] = [Self::Ok, Self::Alarm, Self::InsufficientData];

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state with AWS's word.
    pub(super) fn by_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_and_written_by_the_word_of_aws() {
        for state in AlarmState::ALL {
            assert_eq!(AlarmState::by_word(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(AlarmState::by_word("Ok"), None);
    }
}
