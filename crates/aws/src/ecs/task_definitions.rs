//! The Task definitions port on ECS: raw JSON in and out, so that members newer than the SDK survive.
//!
//! The SDK lends its signing, endpoint and connections; its types are not used.

use async_trait::async_trait;
use aws_sdk_ecs::{Client, types::TaskDefinitionField};
use serde_json::Value;
use towpath_core::{
    identifier::{FamilyName, TaskDefinitionArn},
    ports::{CallError, RegisteredRevision, TaskDefinitions},
    task_definition::{Document, Tag},
};

use crate::{
    call::{Call, Nature, Terms},
    connect::once,
    fault,
    json::{self, Unreadable},
};

/// ECS task definitions of one account and region.
#[derive(Clone)]
pub struct EcsTaskDefinitions {
    client: Client,
    terms: Terms,
}

impl EcsTaskDefinitions {
    pub(crate) fn new(client: Client, terms: Terms) -> Self {
        Self { client, terms }
    }

    fn call(&self, operation: &'static str, nature: Nature) -> Call<'_> {
        Call { operation, nature, codes: fault::ecs, terms: &self.terms }
    }

    async fn find(&self, name: &str) -> Result<Option<RegisteredRevision>, CallError> {
        let call = self.call("ecs:DescribeTaskDefinition", Nature::Read);
        let request = self.client.describe_task_definition().task_definition(name).include(TaskDefinitionField::Tags);
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await;
        match answer {
            Ok(answer) => {
                let revision = registered(answer).map_err(|problem| call.unreadable(&problem))?;
                Ok(Some(revision))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl TaskDefinitions for EcsTaskDefinitions {
    async fn describe(&self, arn: &TaskDefinitionArn) -> Result<Option<RegisteredRevision>, CallError> {
        self.find(arn.as_str()).await
    }

    async fn latest(&self, family: &FamilyName) -> Result<Option<RegisteredRevision>, CallError> {
        let latest = self.find(family.as_str()).await?;
        Ok(latest.filter(|revision| revision.is_active))
    }

    async fn register(&self, document: &Document) -> Result<TaskDefinitionArn, CallError> {
        let call = self.call("ecs:RegisterTaskDefinition", Nature::Change);
        let body = document.to_request_json(&[]).into();
        let attempt = |wire| {
            let request = self.client.register_task_definition().customize();
            request.config_override(once(&self.terms.patience)).interceptor(wire).send()
        };
        let answer = call.raw(Some(body), attempt).await?;
        let registered = json::required(&answer, "taskDefinition");
        registered.and_then(arn).map_err(|problem| call.unreadable(&problem))
    }
}

fn arn(task_definition: &Value) -> Result<TaskDefinitionArn, Unreadable> {
    json::required_parsed(task_definition, "taskDefinitionArn", "a task definition's ARN")
}

fn registered(mut answer: Value) -> Result<RegisteredRevision, Unreadable> {
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
