//! Environment variables of a container that a release sets, such as its version.
//!
//! Every other variable stays as it is and where it is.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::identifier::ContainerName;

/// Gives the container these variables, each in its old place or at the end.
pub(super) fn set(members: &mut Map<String, Value>, container: &ContainerName, variables: &BTreeMap<String, Value>) {
    // Not even an empty list is put where there was none.
    if variables.is_empty() {
        return;
    }
    let containers = members.get_mut("containerDefinitions").and_then(Value::as_array_mut).into_iter().flatten();
    let is_wanted = |container_: &&mut Map<String, Value>| is_named(container_, container.as_str());
    for container in containers.filter_map(Value::as_object_mut).filter(is_wanted) {
        let environment = container.entry("environment").or_insert_with(|| json!([]));
        if environment.is_null() {
            *environment = json!([]);
        }
        let Some(entries) = environment.as_array_mut() else {
            continue;
        };
        for (name, value) in variables {
            put(entries, name, value);
        }
    }
}

fn put(entries: &mut Vec<Value>, name: &str, value: &Value) {
    let mut there =
        entries.iter_mut().filter_map(Value::as_object_mut).filter(|entry| is_named(entry, name)).peekable();
    if there.peek().is_none() {
        drop(there);
        entries.push(json!({ "name": name, "value": value }));
        return;
    }
    for entry in there {
        entry.insert("value".to_owned(), value.clone());
    }
}

/// The first of these variables that the container takes from a secret: ECS refuses a name that is both.
pub(super) fn clash<'a>(
    members: &Map<String, Value>,
    container: &ContainerName,
    variables: &'a BTreeMap<String, String>,
) -> Option<&'a String> {
    let containers = members.get("containerDefinitions").and_then(Value::as_array).into_iter().flatten();
    let wanted = containers.filter_map(Value::as_object).filter(|found| is_named(found, container.as_str()));
    let secrets = wanted.filter_map(|container| container.get("secrets")?.as_array()).flatten();
    let secrets: Vec<_> = secrets.filter_map(Value::as_object).collect();
    variables.keys().find(|name| secrets.iter().any(|secret| is_named(secret, name)))
}

fn is_named(members: &Map<String, Value>, name: &str) -> bool {
    members.get("name").and_then(Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(container: &Value, expected: &Value) {
        let document = json!({ "containerDefinitions": [container, { "name": "log" }] });
        let Value::Object(mut members) = document else { unreachable!("it is an object") };
        let variables = BTreeMap::from([("VERSION".to_owned(), json!("1.4.0"))]);
        set(&mut members, &"api".parse().unwrap(), &variables);
        assert_eq!(Value::Object(members), json!({ "containerDefinitions": [expected, { "name": "log" }] }));
    }

    #[test]
    fn a_variable_is_set_where_it_stands_and_otherwise_added() {
        check(
            &json!({ "name": "api" }),
            &json!({ "name": "api", "environment": [{ "name": "VERSION", "value": "1.4.0" }] }),
        );
        check(
            &json!({ "name": "api", "environment": null }),
            &json!({ "name": "api", "environment": [{ "name": "VERSION", "value": "1.4.0" }] }),
        );
        check(
            &json!({ "name": "api", "environment": [{ "name": "VERSION", "value": "dev", "x": 1 }, { "name": "B", "value": "b" }] }),
            &json!({ "name": "api", "environment": [{ "name": "VERSION", "value": "1.4.0", "x": 1 }, { "name": "B", "value": "b" }] }),
        );
    }

    #[test]
    fn where_nothing_is_set_nothing_changes() {
        for container in [json!({ "name": "api" }), json!({ "name": "api", "environment": null })] {
            let document = json!({ "containerDefinitions": [container] });
            let Value::Object(mut members) = document.clone() else { unreachable!("it is an object") };
            set(&mut members, &"api".parse().unwrap(), &BTreeMap::new());
            assert_eq!(Value::Object(members), document);
        }
    }

    #[test]
    fn what_is_no_list_of_variables_is_left_alone() {
        let odd = json!({ "name": "api", "environment": "none" });
        check(&odd, &odd);
    }

    #[test]
    fn a_name_that_is_a_secret_is_found() {
        let document =
            json!({ "containerDefinitions": [{ "name": "api", "secrets": [{ "name": "B", "valueFrom": "arn" }] }] });
        let check = |container: &str, name: &str, expected: Option<&str>| {
            let variables = BTreeMap::from([(name.to_owned(), String::new())]);
            let found = clash(document.as_object().unwrap(), &container.parse().unwrap(), &variables);
            assert_eq!(found.map(String::as_str), expected);
        };
        check("api", "B", Some("B"));
        check("api", "A", None);
        check("log", "B", None);
    }
}
