//! Members of a JSON body by dotted path: `version`, `build.commit`, `items.0`.
//!
//! A member whose own name has dots is found by its whole name. There are no wildcards and no filters.

use serde_json::Value;

/// The member at that path.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if let Some(member) = step(value, path) {
        return Some(member);
    }
    let (first, rest) = path.split_once('.')?;
    at(step(value, first)?, rest)
}

fn step<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(elements) => name.parse::<usize>().ok().and_then(|index| elements.get(index)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_objects_and_lists() {
        let body = json!({"items": [{"a": 1}], "a.b": 2, "0": {"x": null}});
        for (path, expected) in [("items.0.a", json!(1)), ("a.b", json!(2)), ("0.x", json!(null))] {
            assert_eq!(at(&body, path), Some(&expected), "{path}");
        }
        for path in ["items.1", "items.a", "a", "", ".", "items.0.a.b", "items.-1"] {
            assert_eq!(at(&body, path), None, "{path}");
        }
    }
}
