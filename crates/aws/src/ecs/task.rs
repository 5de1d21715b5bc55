//! A task in ECS's JSON.

use serde_json::Value;
use towpath_core::rollout::{ServiceTask, StoppedContainer, StoppedTask, TaskContainer};

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

/// Reads a task that ended.
pub(crate) fn stopped(value: &Value) -> Result<StoppedTask, Unreadable> {
    let containers = json::list(value, "containers")?.iter().map(stopped_container);
    Ok(StoppedTask {
        arn: json::required_parsed(value, "taskArn", "a task's ARN")?,
        started_by: json::text(value, "startedBy")?.map(str::to_owned),
        task_definition: json::required_parsed(value, "taskDefinitionArn", "a task definition's ARN")?,
        stop_code: json::text(value, "stopCode")?.map(str::to_owned),
        reason: json::text(value, "stoppedReason")?.map(str::to_owned),
        started_at: json::time(value, "startedAt")?,
        stopped_at: json::time(value, "stoppedAt")?.or(json::time(value, "stoppingAt")?),
        containers: containers.collect::<Result<_, _>>()?,
    })
}

/// A container without an exit code never ran, which is not 0.
fn stopped_container(value: &Value) -> Result<StoppedContainer, Unreadable> {
    let exit_code = json::member(value, "exitCode").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
    Ok(StoppedContainer {
        name: json::required_text(value, "name")?.to_owned(),
        exit_code,
        reason: json::text(value, "reason")?.map(str::to_owned),
        log: Vec::new(),
    })
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

    #[test]
    fn a_container_that_never_ran_has_no_exit_code() {
        let read = stopped(&json!({
            "taskDefinitionArn": "arn:aws:ecs:us-west-2:111111111111:task-definition/shop:7",
            "taskArn": "arn:aws:ecs:us-west-2:111111111111:task/c/0123", "startedBy": "ecs-svc/01",
            "stopCode": "TaskFailedToStart", "stoppedAt": 1_763_761_300,
            "stoppedReason": "CannotPullContainerError: not found",
            "containers": [{"name": "api"}, {"name": "web", "exitCode": 137, "reason": "OutOfMemoryError: killed"}],
        }))
        .unwrap();
        assert_eq!(
            (read.did_run(), read.containers[0].exit_code, read.containers[1].exit_code),
            (false, None, Some(137))
        );
        assert_eq!(read.stop_code.as_deref(), Some("TaskFailedToStart"));
    }
}
