//! Instants and durations as AWS and the knobs write them.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The longest delay: about thirty years.
const LONGEST: f64 = 1.0e9;

/// The instant `seconds` after `at`; what is not a sensible duration counts as none.
pub(crate) fn after(at: Timestamp, seconds: f64) -> Timestamp {
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST) };
    at.checked_add(SignedDuration::from_secs_f64(seconds)).unwrap_or(Timestamp::MAX)
}

/// The instant `seconds` before `at`.
pub(crate) fn before(at: Timestamp, seconds: f64) -> Timestamp {
    let seconds = if seconds.is_nan() { 0.0 } else { seconds.clamp(0.0, LONGEST) };
    at.checked_sub(SignedDuration::from_secs_f64(seconds)).unwrap_or(Timestamp::MIN)
}

/// Epoch seconds with milliseconds, as awsJson1.1 writes a timestamp.
pub(crate) fn epoch(at: Timestamp) -> Value {
    Value::from(epoch_seconds(at))
}

/// Epoch seconds with milliseconds.
pub(crate) fn epoch_seconds(at: Timestamp) -> f64 {
    (at.as_duration().as_secs_f64() * 1000.0).round() / 1000.0
}
