//! Changing an answer on purpose: values that no client knows yet, members that are not there.
//!
//! A path is a JSON pointer in which `*` is every entry of a list or every member of a structure.

use serde_json::{Map, Value, json};

/// Whether `path` can be followed.
pub(super) fn is_path(path: &str) -> bool {
    path.len() > 1 && path.starts_with('/')
}

/// Sets and removes in `answer`; what a path does not lead to stays as it is.
pub(crate) fn edit(answer: &mut Value, set: &Map<String, Value>, remove: &[String]) {
    for (path, value) in set {
        at(answer, path, &mut |parent, name| put(parent, name, value));
    }
    for path in remove {
        at(answer, path, &mut take);
    }
}

/// Says of everything that `answer` describes that it is missing.
pub(crate) fn missing(answer: &mut Value) {
    let Value::Object(members) = answer else {
        return;
    };
    let mut failures = Vec::new();
    for (_, list) in members.iter_mut().filter(|(name, _)| *name != "failures") {
        for item in list.as_array_mut().map(std::mem::take).unwrap_or_default() {
            let arn = item.as_object().and_then(arn);
            failures.push(json!({"arn": arn, "reason": "MISSING"}));
        }
    }
    if let Some(Value::Array(told)) = members.get_mut("failures") {
        told.extend(failures);
    }
}

/// What names a described thing: `serviceArn` of a service, not the `clusterArn` beside it.
fn arn(item: &Map<String, Value>) -> Option<&Value> {
    ["serviceArn", "taskArn", "serviceDeploymentArn", "serviceRevisionArn", "clusterArn"]
        .iter()
        .find_map(|name| item.get(*name))
}

/// Does `act` to every place that `path` leads to: what holds it, and its name there.
fn at(value: &mut Value, path: &str, act: &mut dyn FnMut(&mut Value, &str)) {
    let Some((first, rest)) = path.strip_prefix('/').map(|path| path.split_once('/').unwrap_or((path, ""))) else {
        return;
    };
    if rest.is_empty() {
        return names(value, first).iter().rev().for_each(|name| act(value, name));
    }
    let rest = format!("/{rest}");
    match value {
        Value::Array(items) => {
            let chosen = items.iter_mut().enumerate().filter(|(index, _)| first == "*" || *first == index.to_string());
            chosen.for_each(|(_, item)| at(item, &rest, act));
        }
        Value::Object(members) => {
            let chosen = members.iter_mut().filter(|(name, _)| first == "*" || *name == first);
            chosen.for_each(|(_, member)| at(member, &rest, act));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The names that the last part of a path has in `value`.
fn names(value: &Value, last: &str) -> Vec<String> {
    match value {
        Value::Array(items) if last == "*" => (0..items.len()).map(|index| index.to_string()).collect(),
        Value::Object(members) if last == "*" => members.keys().cloned().collect(),
        _ => vec![last.to_owned()],
    }
}

fn put(parent: &mut Value, name: &str, value: &Value) {
    match parent {
        Value::Object(members) => {
            members.insert(name.to_owned(), value.clone());
        }
        Value::Array(items) => {
            if let Some(item) = name.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                *item = value.clone();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn take(parent: &mut Value, name: &str) {
    match parent {
        Value::Object(members) => {
            members.remove(name);
        }
        Value::Array(items) => {
            if let Some(index) = name.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "tables of values read better without borrows")]
    fn check(set: Value, remove: &[&str], expected: Value) {
        let mut answer = json!({"services": [{"status": "ACTIVE", "tags": [1, 2]}, {"status": "DRAINING"}]});
        let remove: Vec<String> = remove.iter().map(|path| (*path).to_owned()).collect();
        edit(&mut answer, set.as_object().unwrap(), &remove);
        assert_eq!(answer, expected, "{set} {remove:?}");
    }

    #[test]
    fn members_are_set_and_removed_where_a_path_leads() {
        let (one, two) = (json!({"status": "ACTIVE", "tags": [1, 2]}), json!({"status": "DRAINING"}));
        check(json!({"/services/1/status": "NEW"}), &[], json!({"services": [one, {"status": "NEW"}]}));
        check(
            json!({"/services/*/status": "N"}),
            &[],
            json!({"services": [{"status": "N", "tags": [1, 2]}, {"status": "N"}]}),
        );
        check(json!({}), &["/services/*/status"], json!({"services": [{"tags": [1, 2]}, {}]}));
        check(json!({}), &["/services/0"], json!({"services": [two]}));
        check(json!({}), &["/services/*"], json!({"services": []}));
        check(
            json!({"/nowhere/at/all": 1}),
            &["/services/9/status", "/services/0/status/x"],
            json!({"services": [one, two]}),
        );
    }

    #[test]
    fn what_is_described_can_be_said_to_be_missing() {
        let mut answer = json!({"services": [{"clusterArn": "c", "serviceArn": "a"}], "failures": []});
        missing(&mut answer);
        assert_eq!(answer, json!({"services": [], "failures": [{"arn": "a", "reason": "MISSING"}]}));
    }

    proptest::proptest! {
        #[test]
        fn no_path_is_too_strange(path in "[/*a0-9]{0,12}", value in proptest::bool::ANY) {
            let mut answer = json!({"a": [1, {"a": [null]}], "0": true});
            let set = Map::from_iter([(path.clone(), value.into())]);
            edit(&mut answer, &set, &[path]);
        }
    }
}
