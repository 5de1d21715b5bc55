//! The beginning of a deployment, its superseding by the next one, and the changes of status that are due by time.

use serde_json::{Map, Value};

use super::{completion, monitors, rollback, staged};
use crate::ecs::world::{
    Scope,
    deployment::{Deployment, DeploymentStatus, Revision, Rollout},
    service::Service,
    service_deployment::{ServiceDeployment, Status},
    time::after,
};

/// The members of a service whose change makes a deployment, besides its task definition.
pub(crate) const DEPLOYING: [&str; 8] = [
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "launchType",
];

/// Begins to bring `service` to its present task definition and deploying members.
pub(crate) fn begin(scope: &mut Scope<'_>, service: &mut Service) {
    supersede(scope, service);
    let digits = scope.ids.digits();
    service.revisions.push(new_revision(scope, service, &digits));
    let sources = service.deployments.iter().filter(|deployment| deployment.status != DeploymentStatus::Inactive);
    let sources = sources.map(|deployment| service.counts(&deployment.digits)).collect();
    for deployment in &mut service.deployments {
        if deployment.status == DeploymentStatus::Primary {
            deployment.status = DeploymentStatus::Active;
            deployment.updated_at = scope.at;
        }
    }
    service.deployments.insert(0, Deployment::new(&digits, &service.task_definition, service.desired, scope.at));
    let id = scope.ids.url_safe();
    let arn = scope.arn(&format!("service-deployment/{}/{}/{id}", service.cluster, service.name));
    if scope.knobs.update_shows_own_deployment {
        service.current = Some(arn.clone());
    }
    service.service_deployments.push(ServiceDeployment {
        arn,
        target: digits,
        sources,
        created_at: scope.at,
        started_at: None,
        finished_at: None,
        stopped_at: None,
        updated_at: scope.at,
        status: Status::Pending,
        status_reason: None,
        configuration: service.configuration.clone(),
        rollback: None,
        failures: 0,
        rollback_failures: 0,
        tripped: false,
        due: Some(after(scope.at, scope.knobs.pending_to_in_progress)),
        alarms: None,
        bakes_until: None,
        cleans_up_at: None,
        staging: None,
        frozen: None,
    });
    service.steady = false;
    service.look_at = Some(scope.at);
}

/// Gives a service whose deployments somebody else makes its task set.
pub(crate) fn begin_task_set(scope: &mut Scope<'_>, service: &mut Service) {
    let digits = scope.ids.digits();
    service.revisions.push(new_revision(scope, service, &digits));
    let mut set = Deployment::new(&digits, &service.task_definition, service.desired, scope.at);
    set.rollout = Rollout::Completed;
    service.deployments.insert(0, set);
    service.look_at = Some(scope.at);
}

/// Changes of status whose time has come.
pub(super) fn advance(scope: &mut Scope<'_>, service: &mut Service) {
    for index in 0..service.service_deployments.len() {
        let deployment = &mut service.service_deployments[index];
        if deployment.due.is_none_or(|due| due > scope.at) {
            continue;
        }
        deployment.due = None;
        let status = deployment.status;
        match status {
            Status::Pending => start(scope, service, index),
            Status::StopRequested => end(scope, service, index, Status::Stopped),
            Status::RollbackRequested if completion::has_reached_goal(service) => {
                completion::finish(scope, service, Status::Successful);
            }
            Status::RollbackRequested => rollback::on_request(scope, service),
            Status::InProgress
            | Status::RollbackInProgress
            | Status::Successful
            | Status::Stopped
            | Status::RollbackSuccessful
            | Status::RollbackFailed => {}
        }
    }
}

/// Ends a service deployment whose target did not come to serve, and freezes its counts.
pub(super) fn end(scope: &Scope<'_>, service: &mut Service, index: usize, status: Status) {
    let counts = service.counts(&service.service_deployments[index].target);
    let deployment = &mut service.service_deployments[index];
    if deployment.enter(status, scope.at) {
        deployment.frozen = Some(counts);
    }
}

fn start(scope: &mut Scope<'_>, service: &mut Service, index: usize) {
    let deployment = &mut service.service_deployments[index];
    deployment.enter(Status::InProgress, scope.at);
    service.current = Some(deployment.arn.clone());
    monitors::begin(scope, service, index);
    staged::begin(scope, service, index);
}

/// A newer deployment stops the one under way. *Guess*: a rollback under way has failed then.
fn supersede(scope: &Scope<'_>, service: &mut Service) {
    let Some(index) = service.service_deployments.len().checked_sub(1) else {
        return;
    };
    match service.service_deployments[index].status {
        Status::Pending | Status::InProgress => {
            let open = &mut service.service_deployments[index];
            open.enter(Status::StopRequested, scope.at);
            open.status_reason = Some(scope.knobs.texts.superseded_status.clone());
            open.due = Some(after(scope.at, scope.knobs.stop_request));
        }
        Status::RollbackRequested => end(scope, service, index, Status::Stopped),
        Status::RollbackInProgress => end(scope, service, index, Status::RollbackFailed),
        Status::StopRequested
        | Status::Successful
        | Status::Stopped
        | Status::RollbackSuccessful
        | Status::RollbackFailed => {}
    }
}

fn new_revision(scope: &Scope<'_>, service: &Service, digits: &str) -> Revision {
    let members = DEPLOYING.iter().filter_map(|name| Some(((*name).to_owned(), service.document.get(*name)?.clone())));
    Revision {
        digits: digits.to_owned(),
        arn: scope.arn(&format!("service-revision/{}/{}/{digits}", service.cluster, service.name)),
        created_at: scope.at,
        task_definition: service.task_definition.clone(),
        document: members.collect::<Map<String, Value>>(),
        alternate: false,
        images: Vec::new(),
    }
}
