//! The lines of a log in the JSON of `CloudWatch` Logs.

use jiff::Timestamp;
use serde_json::Value;
use towpath_core::rollout::LogLine;

use crate::json::{self, Unreadable};

/// Reads what `GetLogEvents` answers.
pub(crate) fn lines(answer: &Value) -> Result<Vec<LogLine>, Unreadable> {
    json::each(answer, "events", line)
}

fn line(event: &Value) -> Result<LogLine, Unreadable> {
    let millisecond = json::member(event, "timestamp").and_then(Value::as_i64);
    let at = millisecond.and_then(|millisecond| Timestamp::from_millisecond(millisecond).ok());
    Ok(LogLine { at, text: json::text(event, "message")?.unwrap_or_default().to_owned() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_has_its_time_to_the_millisecond() {
        let read = line(&json!({"timestamp": 1_763_761_226_532_i64, "message": "ready", "ingestionTime": 1})).unwrap();
        assert_eq!((read.at.unwrap().to_string().as_str(), read.text.as_str()), ("2025-11-21T21:40:26.532Z", "ready"));
    }

    #[test]
    fn an_empty_line_is_a_line() {
        assert_eq!(line(&json!({"message": ""})).unwrap(), LogLine { at: None, text: String::new() });
        assert!(line(&json!({"message": 5})).is_err());
    }
}
