//! Which function performs which operation, and which view of the state it reads.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    clusters, continue_deployment, create_service, delete_service, input::Input, register, run_task,
    service_deployments, services, tags, task_definitions, tasks, update_service,
};
use crate::{
    ecs::{knobs::Knobs, world::World},
    fault::AwsError,
};

/// How an operation is performed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Perform {
    /// It reads a view that may lag by as many seconds as the knobs say.
    Read(fn(&World, &Input, Timestamp) -> Result<Value, AwsError>, fn(&Knobs) -> f64),
    /// It changes the state.
    Write(fn(&mut World, &Input, Timestamp) -> Result<Value, AwsError>),
}

/// How the operation `name` is performed.
pub(crate) fn operation(name: &str) -> Option<Perform> {
    Some(match name {
        "CreateCluster" => Perform::Write(clusters::create),
        "DescribeClusters" => Perform::Read(clusters::describe, current),
        "ListClusters" => Perform::Read(clusters::list, current),
        "DeleteCluster" => Perform::Write(clusters::delete),
        "RegisterTaskDefinition" => Perform::Write(register::perform),
        "DescribeTaskDefinition" => Perform::Read(task_definitions::describe, current),
        "ListTaskDefinitions" => Perform::Read(task_definitions::list, current),
        "ListTaskDefinitionFamilies" => Perform::Read(task_definitions::list_families, current),
        "DeregisterTaskDefinition" => Perform::Write(task_definitions::deregister),
        "CreateService" => Perform::Write(create_service::perform),
        "UpdateService" => Perform::Write(update_service::perform),
        "DescribeServices" => Perform::Read(services::describe, |knobs| knobs.describe_services_lag),
        "ListServices" => Perform::Read(services::list, current),
        "DeleteService" => Perform::Write(delete_service::perform),
        "ListServiceDeployments" => Perform::Read(service_deployments::list, |knobs| knobs.service_deployments_lag),
        "DescribeServiceDeployments" => {
            Perform::Read(service_deployments::describe, |knobs| knobs.service_deployments_lag)
        }
        "DescribeServiceRevisions" => Perform::Read(service_deployments::describe_revisions, current),
        "StopServiceDeployment" => Perform::Write(service_deployments::stop),
        "ContinueServiceDeployment" => Perform::Write(continue_deployment::perform),
        "ListTasks" => Perform::Read(tasks::list, |knobs| knobs.tasks_lag),
        "DescribeTasks" => Perform::Read(tasks::describe, |knobs| knobs.tasks_lag),
        "StopTask" => Perform::Write(tasks::stop),
        "RunTask" => Perform::Write(run_task::perform),
        "TagResource" => Perform::Write(tags::tag),
        "UntagResource" => Perform::Write(tags::untag),
        "ListTagsForResource" => Perform::Read(tags::list, current),
        _ => return None,
    })
}

fn current(_: &Knobs) -> f64 {
    0.0
}
