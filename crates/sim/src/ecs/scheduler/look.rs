//! The scheduler's look at one service: what it does whenever anything has changed.

use jiff::Timestamp;

use super::{capacity, completion, monitors, placement, rollback, staged};
use crate::ecs::{
    knobs::Knobs,
    world::{
        Scope,
        deployment::DeploymentStatus,
        service::{Service, ServiceStatus},
        task::{Stop, StopCode, Task, TaskStatus},
        time::{after, before},
    },
};

/// Decides what to start, stop, complete and roll back now.
pub(super) fn look(scope: &mut Scope<'_>, service: &mut Service) {
    forget_stopped(scope, &mut service.tasks);
    match service.status {
        ServiceStatus::Active => look_at_active(scope, service),
        ServiceStatus::Draining => wind_down(scope, service),
        ServiceStatus::Inactive => {}
    }
    service.look_at = next_look(scope, service);
}

/// Drops tasks that stopped long ago.
pub(super) fn forget_stopped(scope: &Scope<'_>, tasks: &mut Vec<Task>) {
    tasks.retain(|task| forgotten_at(task, scope.knobs).is_none_or(|at| at > scope.at));
}

/// When a stopped task cannot be described any more.
pub(super) fn forgotten_at(task: &Task, knobs: &Knobs) -> Option<Timestamp> {
    task.times.stopped.map(|stopped| after(stopped, knobs.stopped_tasks_stay))
}

fn look_at_active(scope: &mut Scope<'_>, service: &mut Service) {
    rollback::check(scope, service);
    monitors::check(scope, service);
    staged::advance(scope, service);
    completion::check_early(scope, service);
    placement::place(scope, service);
    drop_replaced(scope, service);
    completion::check(scope, service);
}

/// Deployments that were completely replaced become INACTIVE, and vanish.
fn drop_replaced(scope: &Scope<'_>, service: &mut Service) {
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        if deployment.status == DeploymentStatus::Active
            && !service.has_remains(&deployment.digits)
            && !is_kept(service, index)
        {
            let deployment = &mut service.deployments[index];
            deployment.status = DeploymentStatus::Inactive;
            deployment.inactive_since = Some(scope.at);
            deployment.updated_at = scope.at;
        }
    }
    let horizon = before(scope.at, scope.knobs.inactive_deployments_stay);
    service.deployments.retain(|deployment| deployment.inactive_since.is_none_or(|since| since > horizon));
}

/// An old deployment whose tasks are to be replaced by tasks of its own is still needed.
fn is_kept(service: &Service, index: usize) -> bool {
    service.deployments[index].desired > 0
}

fn wind_down(scope: &mut Scope<'_>, service: &mut Service) {
    for task in service.tasks.iter_mut().filter(|task| task.is_live()) {
        let reason = format!(
            "Scaling activity initiated by (deployment ecs-svc/{})",
            task.deployment.as_deref().unwrap_or_default()
        );
        super::task_life::stop(task, scope.at, scope.knobs, Stop { code: StopCode::ServiceSchedulerInitiated, reason });
    }
    if service.tasks.iter().all(|task| task.last_status == TaskStatus::Stopped) {
        service.status = ServiceStatus::Inactive;
        service.inactive_since = Some(scope.at);
        service.deployments.clear();
        service.service_deployments.clear();
        service.current = None;
    }
}

/// The next instant at which something changes that no task and no service deployment brings about.
fn next_look(scope: &Scope<'_>, service: &Service) -> Option<Timestamp> {
    let gone = service.inactive_since.map(|since| after(since, scope.knobs.inactive_services_stay));
    let forgotten = service.tasks.iter().filter_map(|task| forgotten_at(task, scope.knobs)).min();
    let pauses = service.deployments.iter().filter_map(|deployment| deployment.backoff.not_before);
    let stay = scope.knobs.inactive_deployments_stay;
    let leaves =
        service.deployments.iter().filter_map(|deployment| deployment.inactive_since).map(|since| after(since, stay));
    let stages = staged::ongoing(service).and_then(|staging| staging.due(scope.at));
    let cleanups = service.service_deployments.last().and_then(|last| last.cleans_up_at);
    pauses
        .chain(leaves)
        .chain(stages)
        .chain(monitors::due(service, scope.at))
        .chain(cleanups)
        .chain(gone)
        .chain(forgotten)
        .chain(capacity::next_end(scope.knobs, service, scope.at))
        .filter(|at| *at > scope.at)
        .min()
}
