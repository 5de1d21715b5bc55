//! Checks an input against its shape, and removes nulls, which AWS reads as absent.
//!
//! AWS itself ignores some unknown members; the simulator refuses them, because a misspelt member that is
//! ignored is the mistake that a simulator should find. Wordings are guesses.

use serde_json::{Map, Value};

use super::model::{Kind, MODEL, Member, Shape};
use crate::fault::AwsError;

/// What to do with unknown members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Refuse the request.
    Refuse,
    /// Let them through.
    Keep,
}

/// The members of `input`, without nulls, if it fits `operation`.
///
/// # Errors
/// `UnknownOperationException`, `SerializationException` for a wrong type, `InvalidParameterException` for an
/// unknown or missing member or an unknown value of an enumeration.
pub(crate) fn validate(operation: &str, input: &Value, unknown: Unknown) -> Result<Map<String, Value>, AwsError> {
    let name = MODEL
        .input(operation)
        .ok_or_else(|| AwsError::client("UnknownOperationException", format!("unknown operation {operation}")))?;
    match checked(&Kind::Named(name), input, "$", unknown)? {
        Value::Object(members) => Ok(members),
        other => Err(wrong_type("$", "an object", &other)),
    }
}

fn checked(kind: &Kind, value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    match kind {
        Kind::String => plain(value, value.is_string(), path, "a string"),
        Kind::Boolean => plain(value, value.is_boolean(), path, "a boolean"),
        Kind::Double | Kind::Timestamp => plain(value, value.is_number(), path, "a number"),
        Kind::Long => plain(value, value.is_i64(), path, "an integer"),
        Kind::Integer => {
            plain(value, value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()), path, "a 32-bit integer")
        }
        Kind::List(item) => list(item, value, path, unknown),
        Kind::Map(item) => map(item, value, path, unknown),
        Kind::Named(name) => named(name, value, path, unknown),
    }
}

fn plain(value: &Value, fits: bool, path: &str, wanted: &str) -> Result<Value, AwsError> {
    if fits { Ok(value.clone()) } else { Err(wrong_type(path, wanted, value)) }
}

fn list(item: &Kind, value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    let items = value.as_array().ok_or_else(|| wrong_type(path, "a list", value))?;
    let items =
        items.iter().enumerate().map(|(index, value)| checked(item, value, &format!("{path}[{index}]"), unknown));
    items.collect::<Result<_, _>>().map(Value::Array)
}

fn map(item: &Kind, value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    let entries = value.as_object().ok_or_else(|| wrong_type(path, "an object", value))?;
    let entries = entries.iter().filter(|(_, value)| !value.is_null());
    let entries =
        entries.map(|(key, value)| Ok((key.clone(), checked(item, value, &format!("{path}.{key}"), unknown)?)));
    entries.collect::<Result<_, _>>().map(Value::Object)
}

fn named(name: &str, value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    match MODEL.shape(name) {
        Some(Shape::Structure(members)) => structure(members, value, path, unknown),
        Some(Shape::Enum(values)) => enumeration(values, value, path, unknown),
        None => Ok(value.clone()),
    }
}

fn structure(members: &[Member], value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    let given = value.as_object().ok_or_else(|| wrong_type(path, "an object", value))?;
    let mut result = Map::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let path = format!("{path}.{name}");
        let value = match members.iter().find(|member| member.name == name) {
            Some(member) => checked(&member.kind, value, &path, unknown)?,
            None if unknown == Unknown::Keep => value.clone(),
            None => return Err(invalid(format!("Unknown parameter in input: \"{path}\"."))),
        };
        result.insert(name.clone(), value);
    }
    match members.iter().find(|member| member.required && !result.contains_key(member.name)) {
        Some(missing) => Err(invalid(format!("Missing required parameter in input: \"{path}.{}\".", missing.name))),
        None => Ok(Value::Object(result)),
    }
}

fn enumeration(values: &[&str], value: &Value, path: &str, unknown: Unknown) -> Result<Value, AwsError> {
    let text = value.as_str().ok_or_else(|| wrong_type(path, "a string", value))?;
    if unknown == Unknown::Keep || values.contains(&text) {
        return Ok(value.clone());
    }
    Err(invalid(format!(
        "Value '{text}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        values.join(", ")
    )))
}

fn invalid(message: String) -> AwsError {
    AwsError::client("InvalidParameterException", message)
}

fn wrong_type(path: &str, wanted: &str, value: &Value) -> AwsError {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    AwsError::client("SerializationException", format!("{path} must be {wanted}, not {found}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(operation: &str, input: &Value, code: &str, words: &str) {
        let error = validate(operation, input, Unknown::Refuse).expect_err("an input that should be refused");
        assert_eq!(error.code, code);
        assert!(error.message.contains(words), "{}", error.message);
    }

    #[test]
    fn a_misspelt_member_is_refused_wherever_it_is() {
        check(
            "DescribeServices",
            &json!({"services": ["a"], "clutser": "c"}),
            "InvalidParameterException",
            "$.clutser",
        );
        let input = json!({"family": "f", "containerDefinitions": [{"name": "a", "enviroment": []}]});
        check("RegisterTaskDefinition", &input, "InvalidParameterException", "$.containerDefinitions[0].enviroment");
    }

    #[test]
    fn a_missing_required_member_is_refused_and_null_is_missing() {
        check("DescribeServices", &json!({}), "InvalidParameterException", "$.services");
        check("DescribeServices", &json!({"services": null}), "InvalidParameterException", "$.services");
    }

    #[test]
    fn a_wrong_type_is_refused() {
        check("DescribeServices", &json!({"services": "a"}), "SerializationException", "must be a list, not a string");
        check("UpdateService", &json!({"service": "a", "desiredCount": 1.5}), "SerializationException", "desiredCount");
        check(
            "UpdateService",
            &json!({"service": "a", "desiredCount": 3_000_000_000_u64}),
            "SerializationException",
            "32-bit",
        );
        check("UpdateService", &json!([]), "SerializationException", "an object");
    }

    #[test]
    fn a_value_outside_its_enumeration_is_refused() {
        check("ListTasks", &json!({"launchType": "MOON"}), "InvalidParameterException", "MOON");
    }

    #[test]
    fn an_operation_outside_the_model_is_unknown() {
        check("ExecuteCommand", &json!({}), "UnknownOperationException", "ExecuteCommand");
    }

    #[test]
    fn nulls_are_removed_and_unknown_members_can_be_kept() {
        let input = json!({"family": "f", "containerDefinitions": [{"name": "a", "ulimits": null, "newMember": 1}]});
        let kept = validate("RegisterTaskDefinition", &input, Unknown::Keep).expect("kept");
        assert_eq!(
            Value::Object(kept),
            json!({"family": "f", "containerDefinitions": [{"name": "a", "newMember": 1}]})
        );
    }
}
