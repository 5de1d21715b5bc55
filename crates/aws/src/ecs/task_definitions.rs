//! The Task definitions port on ECS: raw JSON in and out, so that members newer than the SDK survive.
//!
//! The SDK lends its signing, endpoint and connections; its types are not used.

use async_trait::async_trait;
use aws_sdk_ecs::{Client, types::TaskDefinitionField};
use towpath_core::{
    identifier::{FamilyName, TaskDefinitionArn},
    ports::{CallError, RegisteredRevision, TaskDefinitions},
    task_definition::Document,
};

use crate::{
    call::{Call, Nature, Terms},
    connect::once,
    fault, json,
};

use super::registered;

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
                let revision = registered::registered(answer).map_err(|problem| call.unreadable(&problem))?;
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
        let described = json::required(&answer, "taskDefinition");
        described.and_then(registered::arn).map_err(|problem| call.unreadable(&problem))
    }
}
