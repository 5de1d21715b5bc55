//! From a text to a JSON value, strictly: no member twice, and every mistake with its line and column.
//!
//! It knows nothing of task definitions. Integers beyond 64 bits become floating point numbers, and of fractions with more
//! than 15 digits the last may change, as in `serde_json`; AWS's task definitions have neither.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::{DocumentError, placeholder};

/// Reads a text that may begin with a byte order mark.
pub(super) fn parse(text: &str, origin: &str) -> Result<Value, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = match serde_json::from_str::<Strict>(text) {
        Ok(Strict(value)) => return Ok(value),
        Err(error) => error,
    };
    if let Some((offset, placeholder)) = placeholder::first_outside_strings(text) {
        let (line, column) = position(text, offset);
        return Err(DocumentError::UnquotedPlaceholder { origin: origin.to_owned(), line, column, placeholder });
    }
    Err(syntax(text, origin, &error))
}

fn syntax(text: &str, origin: &str, error: &serde_json::Error) -> DocumentError {
    let whole = error.to_string();
    let suffix = format!(" at line {} column {}", error.line(), error.column());
    let problem = whole.strip_suffix(&suffix).unwrap_or(&whole).to_owned();
    let line = error.line().max(1);
    let column = text.lines().nth(line - 1).map_or(1, |line| characters(line.as_bytes(), error.column()));
    DocumentError::Syntax { origin: origin.to_owned(), line, column, problem }
}

/// `serde_json` counts bytes, people count characters.
fn characters(line: &[u8], bytes: usize) -> usize {
    let before = &line[..bytes.saturating_sub(1).min(line.len())];
    String::from_utf8_lossy(before).chars().count() + 1
}

/// The line and column of an offset, from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

/// A JSON value whose objects name no member twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} is there twice")));
            }
            let Strict(value) = members.next_value()?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(parse(text, "td.json").unwrap_err().to_string(), expected);
    }

    #[test]
    fn every_mistake_has_its_line_and_column() {
        check("{\n  \"a\": 1,\n}", "td.json:3:1: trailing comma");
        check("", "td.json:1:1: EOF while parsing a value");
        check("{\"ä\": }", "td.json:1:7: expected value");
        check("{} {}", "td.json:1:4: trailing characters");
    }

    #[test]
    fn a_member_that_is_there_twice_is_refused() {
        check("{\"cpu\": \"256\",\n \"cpu\": \"512\"}", "td.json:2:6: the member \"cpu\" is there twice");
    }

    #[test]
    fn a_placeholder_outside_a_string_is_recognised() {
        check(
            "{\"command\": [\n  {{command}}\n]}",
            "td.json:2:3: the placeholder `{{command}}` stands outside a string: write it in quotes, \"{{command}}\", \
             so that the file is JSON before it is filled",
        );
        assert!(matches!(
            parse("{\"cpu\": ${CPU}}", ""),
            Err(DocumentError::UnquotedPlaceholder { line: 1, column: 9, .. })
        ));
    }

    #[test]
    fn nesting_without_end_is_refused() {
        assert!(parse(&"[".repeat(100_000), "").is_err());
    }

    #[test]
    fn numbers_keep_their_form() {
        assert_eq!(
            parse("[1, 1.0, -2, 18446744073709551615]", "").unwrap().to_string(),
            "[1,1.0,-2,18446744073709551615]"
        );
    }

    #[test]
    fn a_byte_order_mark_is_no_mistake() {
        assert_eq!(parse("\u{feff}{}", "").unwrap(), Value::Object(Map::new()));
    }
}
