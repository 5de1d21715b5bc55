//! XML as awsQuery writes it.
//!
//! Only writing: what comes in is a form.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::fault::AwsError;

/// A success; an operation without an output has no result element.
pub(super) fn response(namespace: &str, operation: &str, output: &Value, request_id: &str) -> String {
    let result = match output {
        Value::Object(members) if members.is_empty() => String::new(),
        output => format!("<{operation}Result>{}</{operation}Result>", elements(output)),
    };
    format!(
        "<{operation}Response xmlns=\"{namespace}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// A refusal.
pub(super) fn error(namespace: &str, error: &AwsError, request_id: &str) -> String {
    let side = if error.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
        escaped(&error.code),
        escaped(&error.message)
    )
}

fn elements(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escaped(text),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().fold(String::new(), |written, item| element(written, "member", item)),
        Value::Object(members) => {
            members.iter().fold(String::new(), |written, (name, value)| element(written, name, value))
        }
    }
}

/// Numbers in members whose name ends in `Timestamp` are instants, which XML writes as texts.
fn element(written: String, name: &str, value: &Value) -> String {
    let content = match value.as_f64().filter(|_| name.ends_with("Timestamp")) {
        Some(seconds) => instant(seconds),
        None => elements(value),
    };
    written + "<" + name + ">" + &content + "</" + name + ">"
}

fn instant(seconds: f64) -> String {
    let since = SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
    let instant = Timestamp::UNIX_EPOCH.checked_add(since).unwrap_or(Timestamp::MAX);
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Text as XML writes it; a character that XML 1.0 does not have is replaced.
fn escaped(text: &str) -> String {
    let is_legal = |character: char| !character.is_control() || matches!(character, '\t' | '\n' | '\r');
    let legal = text.chars().map(|character| if is_legal(character) { character } else { '\u{fffd}' });
    legal.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(output: &Value, expected: &str) {
        let written = response("https://here/", "Op", output, "1");
        let frame = |result: &str| {
            format!(
                "<OpResponse xmlns=\"https://here/\">{result}<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></OpResponse>"
            )
        };
        assert_eq!(written, frame(expected));
    }

    #[test]
    fn structures_become_elements() {
        check(&json!({"A": {"B": "<&>\u{0}"}}), "<OpResult><A><B>&lt;&amp;&gt;\u{fffd}</B></A></OpResult>");
        check(&json!({"A": [1, true]}), "<OpResult><A><member>1</member><member>true</member></A></OpResult>");
    }

    #[test]
    fn an_operation_without_an_output_has_no_result() {
        check(&json!({}), "");
    }

    #[test]
    fn an_instant_is_a_text() {
        check(
            &json!({"StateUpdatedTimestamp": 1_772_442_000.25}),
            "<OpResult><StateUpdatedTimestamp>2026-03-02T09:00:00.250Z</StateUpdatedTimestamp></OpResult>",
        );
    }
}
