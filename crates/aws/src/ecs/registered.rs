//! A registered task definition in ECS's JSON.

use serde_json::Value;
use towpath_core::{
    identifier::TaskDefinitionArn,
    ports::RegisteredRevision,
    task_definition::{Document, Tag},
};

use crate::json::{self, Unreadable};

/// The ARN of a described revision.
pub(crate) fn arn(task_definition: &Value) -> Result<TaskDefinitionArn, Unreadable> {
    json::required_parsed(task_definition, "taskDefinitionArn", "a task definition's ARN")
}

/// Reads what `DescribeTaskDefinition` answers.
pub(crate) fn registered(mut answer: Value) -> Result<RegisteredRevision, Unreadable> {
    let tags = json::list(&answer, "tags")?;
    let tags = tags.iter().map(tag).collect::<Result<_, _>>()?;
    let described = json::required(&answer, "taskDefinition")?;
    let (arn, status) = (arn(described)?, json::text(described, "status")?);
    let is_active = status == Some("ACTIVE");
    let value = answer["taskDefinition"].take();
    let document = Document::from_described(value, tags)
        .map_err(|_| Unreadable::Malformed { member: "taskDefinition".to_owned(), expected: "an object" })?;
    Ok(RegisteredRevision { arn, is_active, document })
}

fn tag(value: &Value) -> Result<Tag, Unreadable> {
    let text = json::text(value, "value")?.unwrap_or_default().to_owned();
    Ok(Tag { key: json::required_text(value, "key")?.to_owned(), value: text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:7";

    #[test]
    fn a_described_revision_keeps_what_nobody_here_knows() {
        let answer = json!({
            "tags": [{"value": "shop", "key": "team"}, {"key": "empty"}],
            "taskDefinition": {"taskDefinitionArn": ARN, "status": "ACTIVE", "revision": 7, "family": "shop",
                "newMember": {"deep": [1, null, "x"]}, "containerDefinitions": [{"name": "api", "newKnob": 1.5}]},
        });
        let revision = registered(answer).unwrap();
        assert_eq!((revision.arn.as_str(), revision.is_active), (ARN, true));
        let expected = json!({"family": "shop", "newMember": {"deep": [1, null, "x"]},
            "containerDefinitions": [{"name": "api", "newKnob": 1.5}]});
        assert_eq!(revision.document.to_value(), expected);
        let keys: Vec<&str> = revision.document.tags().iter().map(|tag| tag.key.as_str()).collect();
        assert_eq!(keys, ["team", "empty"]);
    }

    #[test]
    fn only_active_revisions_are_active() {
        for status in [json!("INACTIVE"), json!("DELETE_IN_PROGRESS"), Value::Null] {
            let answer = json!({"taskDefinition": {"taskDefinitionArn": ARN, "status": status}});
            assert!(!registered(answer).unwrap().is_active);
        }
    }

    #[test]
    fn an_answer_without_a_task_definition_is_unreadable() {
        let error = registered(json!({})).unwrap_err();
        assert_eq!(error, Unreadable::Missing("taskDefinition".to_owned()));
    }
}
