//! A task definition as Register, Describe and Deregister show it: the document and what only AWS adds.

use serde_json::{Value, json};

use super::present;
use crate::ecs::world::{task_definition::TaskDefinition, time::epoch};

/// The `taskDefinition` member.
pub(crate) fn task_definition(definition: &TaskDefinition, account: &str) -> Value {
    let mut shown = present([("taskDefinitionArn", Some(definition.arn.clone().into()))]);
    shown.extend(definition.document.iter().map(|(name, value)| (name.clone(), value.clone())));
    let is_awsvpc = definition.text("networkMode") == Some("awsvpc");
    let attributes = if is_awsvpc {
        json!([{"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"}, {"name": "ecs.capability.task-eni"}])
    } else {
        json!([])
    };
    shown.extend(present([
        ("revision", Some(definition.revision.into())),
        ("status", Some(if definition.active { "ACTIVE" } else { "INACTIVE" }.into())),
        ("requiresAttributes", Some(attributes)),
        ("compatibilities", Some(compatibilities(definition, is_awsvpc))),
        ("registeredAt", Some(epoch(definition.registered_at))),
        ("deregisteredAt", definition.deregistered_at.map(epoch)),
        ("registeredBy", Some(format!("arn:aws:iam::{account}:root").into())),
    ]));
    Value::Object(shown)
}

fn compatibilities(definition: &TaskDefinition, is_awsvpc: bool) -> Value {
    let is_sized = definition.text("cpu").is_some() && definition.text("memory").is_some();
    if is_awsvpc && is_sized { json!(["EC2", "FARGATE"]) } else { json!(["EXTERNAL", "EC2"]) }
}
