//! A task in ECS's JSON.

use serde_json::Value;
use towpath_core::rollout::{ServiceTask, TaskContainer};

use crate::json::{self, Unreadable};

/// Reads an element of `tasks`.
pub(crate) fn task(value: &Value) -> Result<ServiceTask, Unreadable> {
    let containers = json::list(value, "containers")?.iter().map(container);
    Ok(ServiceTask {
        arn: json::required_parsed(value, "taskArn", "a task's ARN")?,
        started_by: json::text(value, "startedBy")?.map(str::to_owned),
        task_definition: json::required_parsed(value, "taskDefinitionArn", "a task definition's ARN")?,
        last_status: json::text(value, "lastStatus")?.unwrap_or_default().to_owned(),
        containers: containers.collect::<Result<_, _>>()?,
    })
}

fn container(value: &Value) -> Result<TaskContainer, Unreadable> {
    let name = json::required_text(value, "name")?.to_owned();
    Ok(TaskContainer { name, digest: json::parsed(value, "imageDigest", "a digest")? })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_task_that_is_being_started_has_no_digest_yet() {
        let read = task(&json!({
            "lastStatus": "PROVISIONING", "containers": [{"name": "api", "lastStatus": "PENDING"}],
            "taskDefinitionArn": "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:7",
            "taskArn": "arn:aws:ecs:us-west-2:111111111111:task/c/0123", "startedBy": "ecs-svc/01",
        }))
        .unwrap();
        assert_eq!(read.started_by.as_deref(), Some("ecs-svc/01"));
        assert_eq!(read.containers, [TaskContainer { name: "api".to_owned(), digest: None }]);
    }

    #[test]
    fn a_task_without_its_task_definition_is_unreadable() {
        let value = json!({"taskArn": "arn:aws:ecs:us-west-2:111111111111:task/c/0123"});
        assert_eq!(task(&value), Err(Unreadable::Missing("taskDefinitionArn".to_owned())));
    }
}
