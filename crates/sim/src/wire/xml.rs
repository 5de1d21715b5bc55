//! XML as awsQuery writes it.
//!
//! Only writing, and only structures of texts: all that the answers of STS need.

use serde_json::Value;

use crate::fault::AwsError;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// A success.
pub(super) fn response(operation: &str, output: &Value, request_id: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{}</{operation}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>",
        elements(output)
    )
}

/// A refusal.
pub(super) fn error(error: &AwsError, request_id: &str) -> String {
    let side = if error.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
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

fn element(written: String, name: &str, value: &Value) -> String {
    written + "<" + name + ">" + &elements(value) + "</" + name + ">"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn structures_become_elements() {
        let output = json!({"A": {"B": "<&>"}});
        assert!(response("Op", &output, "1").contains("<OpResult><A><B>&lt;&amp;&gt;</B></A></OpResult>"));
    }
}
