//! Reads members of AWS's JSON: absent and `null` are the same, unknown members and values are kept or left alone.
//!
//! It knows no shape of AWS's; a member of the wrong type is an error with its name, and never with its value.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::Value;

/// A member that is missing or not of the expected form.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not there.
    #[error("the answer has no `{0}`")]
    Missing(String),
    /// It has another type or form.
    #[error("`{member}` in the answer is not {expected}")]
    Malformed {
        /// Its name.
        member: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// A member, unless it is absent or `null`.
pub(crate) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.get(name).filter(|member| !member.is_null())
}

/// A member that must be there.
pub(crate) fn required<'a>(value: &'a Value, name: &str) -> Result<&'a Value, Unreadable> {
    member(value, name).ok_or_else(|| Unreadable::Missing(name.to_owned()))
}

/// A text; empty is absent.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> Result<Option<&'a str>, Unreadable> {
    let Some(member) = member(value, name) else {
        return Ok(None);
    };
    let text = member.as_str().ok_or_else(|| malformed(name, "a text"))?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A text that must be there.
pub(crate) fn required_text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Unreadable> {
    text(value, name)?.ok_or_else(|| Unreadable::Missing(name.to_owned()))
}

/// An identifier.
pub(crate) fn parsed<T: FromStr>(value: &Value, name: &str, expected: &'static str) -> Result<Option<T>, Unreadable> {
    let parse = |text: &str| text.parse().map_err(|_| malformed(name, expected));
    text(value, name)?.map(parse).transpose()
}

/// An identifier that must be there.
pub(crate) fn required_parsed<T: FromStr>(value: &Value, name: &str, expected: &'static str) -> Result<T, Unreadable> {
    parsed(value, name, expected)?.ok_or_else(|| Unreadable::Missing(name.to_owned()))
}

/// A count.
pub(crate) fn count(value: &Value, name: &str) -> Result<Option<u32>, Unreadable> {
    let read = |member: &Value| {
        let count = member.as_u64().and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| malformed(name, "a count"))
    };
    member(value, name).map(read).transpose()
}

/// Whether a member is `true`.
pub(crate) fn is_true(value: &Value, name: &str) -> bool {
    member(value, name).and_then(Value::as_bool).unwrap_or(false)
}

/// A list; absent is empty.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Unreadable> {
    match member(value, name) {
        None => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(malformed(name, "a list")),
    }
}

/// The elements of a list, each read.
pub(crate) fn each<T>(
    answer: &Value,
    name: &str,
    read: impl Fn(&Value) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    list(answer, name)?.iter().map(read).collect()
}

/// A time: seconds since 1970 with a fraction, or RFC 3339.
pub(crate) fn time(value: &Value, name: &str) -> Result<Option<Timestamp>, Unreadable> {
    let read = |member: &Value| match member {
        Value::Number(number) => number.as_f64().and_then(from_seconds),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let checked = |member| read(member).ok_or_else(|| malformed(name, "a time"));
    member(value, name).map(checked).transpose()
}

/// A number of seconds has no more than microseconds in a 64-bit float.
fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let since = SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()?.round(Unit::Microsecond).ok()
}

fn malformed(member: &str, expected: &'static str) -> Unreadable {
    Unreadable::Malformed { member: member.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_null_and_empty_are_the_same() {
        for value in [json!({}), json!({"a": null}), json!({"a": ""})] {
            assert_eq!(text(&value, "a"), Ok(None), "{value}");
            assert_eq!(required_text(&value, "a"), Err(Unreadable::Missing("a".to_owned())), "{value}");
        }
        assert_eq!(list(&json!({"a": null}), "a"), Ok(&[][..]));
        assert_eq!(count(&json!({}), "a"), Ok(None));
    }

    #[test]
    fn a_wrong_type_is_named_and_its_value_is_not() {
        let error = text(&json!({"a": {"password": "hush"}}), "a").unwrap_err();
        assert_eq!(error.to_string(), "`a` in the answer is not a text");
        assert!(count(&json!({"a": -1}), "a").is_err());
        assert!(list(&json!({"a": {}}), "a").is_err());
    }

    #[test]
    fn times_are_seconds_with_a_fraction() {
        let check = |value: Value, expected: &str| {
            assert_eq!(time(&json!({"at": value}), "at").unwrap().unwrap().to_string(), expected);
        };
        check(json!(1_763_761_226), "2025-11-21T21:40:26Z");
        check(json!(1_763_761_226.532), "2025-11-21T21:40:26.532Z");
        check(serde_json::from_str("1.763761226532E9").unwrap(), "2025-11-21T21:40:26.532Z");
        check(json!("2025-11-21T21:40:26Z"), "2025-11-21T21:40:26Z");
        assert!(time(&json!({"at": true}), "at").is_err());
    }
}
