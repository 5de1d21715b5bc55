//! Makes tasks, from a task definition and what the caller wants of them.
//!
//! A new task is PROVISIONING; `task_life` takes it from there.

use serde_json::{Value, json};

use super::task_life;
use crate::ecs::world::{
    Scope,
    task::{Container, Fitness, TargetPort, Task, TaskStatus, Times, Watch},
    task_definition::TaskDefinition,
};

/// What a task is for.
#[derive(Debug, Clone)]
pub(crate) struct Purpose {
    pub(crate) cluster: String,
    pub(crate) cluster_arn: String,
    /// The digits of its deployment.
    pub(crate) deployment: Option<String>,
    pub(crate) group: String,
    pub(crate) started_by: Option<String>,
    pub(crate) launch_type: String,
    pub(crate) overrides: Value,
    pub(crate) subnet: Option<String>,
    pub(crate) target: Option<TargetPort>,
    pub(crate) grace: f64,
}

/// The first subnet of a `networkConfiguration`.
pub(crate) fn subnet(network: Option<&Value>) -> Option<String> {
    network?["awsvpcConfiguration"]["subnets"][0].as_str().map(ToOwned::to_owned)
}

/// A new task of `definition`.
pub(crate) fn launch(scope: &mut Scope<'_>, definition: &TaskDefinition, purpose: &Purpose) -> Task {
    let id = scope.ids.hex();
    let mut task = Task {
        arn: scope.arn(&format!("task/{}/{id}", purpose.cluster)),
        cluster_arn: purpose.cluster_arn.clone(),
        task_definition: definition.arn.clone(),
        family: definition.family.clone(),
        deployment: purpose.deployment.clone(),
        group: purpose.group.clone(),
        started_by: purpose.started_by.clone(),
        launch_type: purpose.launch_type.clone(),
        cpu: size(definition, &purpose.overrides, "cpu"),
        memory: size(definition, &purpose.overrides, "memory"),
        overrides: shown_overrides(definition, &purpose.overrides),
        subnet: purpose.subnet.clone(),
        containers: definition
            .containers()
            .enumerate()
            .map(|(index, container)| self::container(&id, index, container, &purpose.overrides))
            .collect(),
        main: definition.main_container(),
        watch: Watch {
            container: definition.health_check(),
            target: purpose.target.clone(),
            grace: purpose.grace,
            stop_timeout: definition.stop_timeout(),
        },
        last_status: TaskStatus::Provisioning,
        stopping: false,
        fitness: Fitness::Settling,
        version: 1,
        times: Times {
            created: scope.at,
            pull_started: None,
            pull_stopped: None,
            started: None,
            stopping: None,
            execution_stopped: None,
            stopped: None,
        },
        stop: None,
        start_failure: None,
        agenda: Vec::new(),
        id,
    };
    task_life::begin(&mut task, scope.at, scope.knobs);
    task
}

fn container(task: &str, index: usize, container: &Value, overrides: &Value) -> Container {
    let text = |name: &str| container[name].as_str().unwrap_or_default().to_owned();
    let name = text("name");
    let overridden =
        container_overrides(overrides).any(|item| item["name"] == name.as_str() && item.get("command").is_some());
    let program = container["entryPoint"][0].as_str();
    Container {
        runtime_id: format!("{task}-{index:010}"),
        image: text("image"),
        has_health_check: container.get("healthCheck").is_some(),
        pulled: None,
        exit_code: None,
        reason: None,
        version_consistency: container["versionConsistency"] != "disabled",
        overridden,
        missing_program: program.filter(|program| program.starts_with("/nonexistent/")).map(str::to_owned),
        name,
    }
}

fn size(definition: &TaskDefinition, overrides: &Value, name: &str) -> Option<String> {
    overrides[name].as_str().or_else(|| definition.text(name)).map(ToOwned::to_owned)
}

fn container_overrides(overrides: &Value) -> impl Iterator<Item = &Value> {
    overrides["containerOverrides"].as_array().into_iter().flatten()
}

/// AWS shows an entry for every container, overridden or not.
fn shown_overrides(definition: &TaskDefinition, overrides: &Value) -> Value {
    let mut shown = overrides.clone();
    let entries = definition.containers().map(|container| {
        let given = container_overrides(overrides).find(|item| item["name"] == container["name"]);
        given.cloned().unwrap_or_else(|| json!({"name": container["name"]}))
    });
    let entries: Vec<_> = entries.collect();
    if !shown.is_object() {
        shown = json!({});
    }
    shown["containerOverrides"] = Value::Array(entries);
    if shown.get("inferenceAcceleratorOverrides").is_none() {
        shown["inferenceAcceleratorOverrides"] = json!([]);
    }
    shown
}
