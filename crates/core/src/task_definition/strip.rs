//! What a described task definition has and a registered one must not have.
//!
//! It drops exactly the nine members that only AWS sets, members that are `null` (for AWS: absent), and `aws:` tags.
//! Empty lists and empty values stay: AWS takes back what it gave.

use std::fmt;

use serde_json::{Map, Value};

use super::Tag;

/// The members of AWS's `TaskDefinition` shape that `RegisterTaskDefinition` does not have.
const OUTPUT_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "deleteRequestedAt",
    "registeredBy",
];

/// What was left out of a document: one notice, however much it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stripped {
    /// Members that only AWS sets, and members that stood beside `taskDefinition`, in the order of the document.
    pub members: Vec<String>,
    /// How many members were `null`.
    pub nulls: usize,
    /// The keys of tags that AWS keeps to itself.
    pub tags: Vec<String>,
}

impl Stripped {
    /// Whether nothing was left out.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.nulls == 0 && self.tags.is_empty()
    }

    pub(super) fn strip_members(&mut self, members: &mut Map<String, Value>) {
        members.retain(|name, _| {
            let output_only = OUTPUT_ONLY.contains(&name.as_str());
            if output_only {
                self.members.push(name.clone());
            }
            !output_only
        });
        self.nulls += drop_nulls(members);
    }

    pub(super) fn strip_tags(&mut self, tags: &mut Vec<Tag>) {
        self.tags.extend(tags.iter().filter(|tag| tag.is_reserved()).map(|tag| tag.key.clone()));
        tags.retain(|tag| !tag.is_reserved());
    }
}

impl fmt::Display for Stripped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        if !self.members.is_empty() {
            parts.push(format!("members that only AWS sets ({})", quoted(&self.members)));
        }
        if self.nulls > 0 {
            parts.push(format!("members that are null ({})", self.nulls));
        }
        if !self.tags.is_empty() {
            parts.push(format!("tags that only AWS sets ({})", quoted(&self.tags)));
        }
        if parts.is_empty() {
            formatter.write_str("nothing was left out")
        } else {
            write!(formatter, "left out: {}", parts.join("; "))
        }
    }
}

/// Drops members that are `null`, at any depth, and says how many. Elements of lists keep their place.
fn drop_nulls(members: &mut Map<String, Value>) -> usize {
    let before = members.len();
    members.retain(|_, value| !value.is_null());
    before - members.len() + members.values_mut().map(drop_nulls_within).sum::<usize>()
}

fn drop_nulls_within(value: &mut Value) -> usize {
    match value {
        Value::Object(members) => drop_nulls(members),
        Value::Array(elements) => elements.iter_mut().map(drop_nulls_within).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::task_definition::Document;

    use super::*;

    #[test]
    fn exactly_what_only_aws_sets_is_left_out() {
        let mut value = json!({"family": "shop", "requiresCompatibilities": ["FARGATE"], "someFutureMember": {"a": 1}});
        for name in OUTPUT_ONLY {
            value[name] = json!("x");
        }
        let document = Document::from_described(value, Vec::new()).unwrap();
        assert_eq!(
            document.to_value(),
            json!({"family": "shop", "requiresCompatibilities": ["FARGATE"], "someFutureMember": {"a": 1}})
        );
        assert_eq!(document.stripped().members, OUTPUT_ONLY);
    }

    #[test]
    fn nulls_are_absent_and_empty_values_stay() {
        let value = json!({"pidMode": null, "containerDefinitions": [
            {"name": "api", "environment": [{"name": "X", "value": ""}], "user": null, "mountPoints": []}
        ]});
        let document = Document::from_described(value, Vec::new()).unwrap();
        assert_eq!(
            document.to_value(),
            json!({"containerDefinitions": [{"name": "api", "environment": [{"name": "X", "value": ""}], "mountPoints": []}]})
        );
        assert_eq!(document.stripped().nulls, 2);
    }

    #[test]
    fn what_was_left_out_is_said_once() {
        let tags = vec![Tag { key: "aws:stack".to_owned(), value: String::new() }];
        let document = Document::from_described(json!({"revision": 1, "status": "ACTIVE", "cpu": null}), tags).unwrap();
        assert_eq!(
            document.stripped().to_string(),
            r#"left out: members that only AWS sets ("revision", "status"); members that are null (1); tags that only AWS sets ("aws:stack")"#
        );
    }
}
