//! Strict reading of a JSON input: an unknown member and a wrong type are refused, a null counts as absent.
//!
//! It checks shapes only; what a value means is judged by the operation that reads it.
//! AWS's own services silently drop some unknown members; the simulator refuses them all, so that a misspelt one is noticed.

use serde_json::{Map, Value};

use crate::fault::AwsError;

/// The members of one JSON object.
pub(crate) struct Members<'a> {
    map: &'a Map<String, Value>,
}

impl<'a> Members<'a> {
    /// The members of `input`, all of which must be among `known`.
    pub(crate) fn of(input: &'a Value, known: &[&str]) -> Result<Self, AwsError> {
        let Value::Object(map) = input else {
            return Err(wrong_type("the input", "an object"));
        };
        match map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(invalid(format!("Unknown member '{unknown}'; expected one of: {}", known.join(", ")))),
            None => Ok(Self { map }),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A text, if given.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, AwsError> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A text that has to be given and not be empty.
    pub(crate) fn required_text(&self, name: &str) -> Result<&'a str, AwsError> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) | None => {
                Err(invalid(format!("Invalid parameter at '{name}' failed to satisfy constraint: 'must not be empty'")))
            }
        }
    }

    /// Yes or no, if given.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, AwsError> {
        self.typed(name, "a boolean", Value::as_bool)
    }

    /// A whole number, if given.
    pub(crate) fn whole(&self, name: &str) -> Result<Option<i64>, AwsError> {
        self.typed(name, "a whole number", Value::as_i64)
    }

    /// A list, empty when absent.
    pub(crate) fn list(&self, name: &str) -> Result<&'a [Value], AwsError> {
        Ok(self.typed(name, "a list", Value::as_array)?.map_or(&[], Vec::as_slice))
    }

    /// A list of texts, empty when absent.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>, AwsError> {
        let texts =
            self.list(name)?.iter().map(|value| value.as_str().ok_or_else(|| wrong_type(name, "a list of strings")));
        texts.collect()
    }

    /// Whether the member is there at all.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// An object with members of its own, if given.
    pub(crate) fn object(&self, name: &str, known: &[&str]) -> Result<Option<Self>, AwsError> {
        self.get(name).map(|value| Members::of(value, known)).transpose()
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, AwsError> {
        self.get(name).map(|value| read(value).ok_or_else(|| wrong_type(name, expected))).transpose()
    }
}

fn wrong_type(name: &str, expected: &str) -> AwsError {
    AwsError::client("SerializationException", format!("Unexpected type for '{name}': expected {expected}"))
}

fn invalid(message: String) -> AwsError {
    AwsError::client("InvalidParameterException", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unknown_member_is_refused_by_name() {
        let input = json!({"repositoryNames": [], "repositorNames": []});
        let error = Members::of(&input, &["repositoryNames"]).err().unwrap();
        assert_eq!(error.code, "InvalidParameterException");
        assert!(error.message.contains("'repositorNames'"));
    }

    #[test]
    fn a_wrong_type_is_a_serialization_error() {
        let input = json!({"name": 5});
        let members = Members::of(&input, &["name"]).unwrap();
        assert_eq!(members.text("name").unwrap_err().code, "SerializationException");
    }

    #[test]
    fn a_null_counts_as_absent() {
        let input = json!({"name": null});
        let members = Members::of(&input, &["name"]).unwrap();
        assert_eq!(members.text("name").unwrap(), None);
        assert_eq!(members.required_text("name").unwrap_err().code, "InvalidParameterException");
    }

    #[test]
    fn an_input_that_is_no_object_is_refused() {
        assert!(Members::of(&json!([]), &[]).is_err());
    }
}
