//! When a deployment is done: first the service deployment, then, once the old tasks are gone, the classic one.

use super::{
    monitors,
    say::{say, say_next},
};
use crate::ecs::world::{
    Scope,
    deployment::{DeploymentStatus, Rollout},
    monitors::EarlySuccess,
    service::{Service, count},
    service_deployment::{ServiceDeployment, Status},
    stage::Stage,
    task::TaskStatus,
    time::after,
};

/// Ends what has reached its goal.
pub(super) fn check(scope: &mut Scope<'_>, service: &mut Service) {
    succeed(scope, service);
    complete(scope, service);
    settle(scope, service);
}

/// Whether as many healthy tasks of PRIMARY run as are desired, and every other task was told to stop.
pub(super) fn has_reached_goal(service: &Service) -> bool {
    let Some(primary) = service.primary() else {
        return false;
    };
    let healthy = count(service.live_of(&primary.digits).filter(|task| task.is_healthy()));
    let live = count(service.tasks.iter().filter(|task| task.is_live()));
    primary.rollout != Rollout::Failed && healthy == service.desired && live == service.desired
}

/// The service deployment ends before the old tasks have drained.
fn succeed(scope: &mut Scope<'_>, service: &mut Service) {
    let Some(open) = service.open().filter(|open| open.due.is_none()) else {
        return;
    };
    let ended = match open.status {
        Status::InProgress if !is_before_its_end(scope, open) => Status::Successful,
        Status::RollbackInProgress => Status::RollbackSuccessful,
        _ => return,
    };
    let early =
        EarlySuccess::read(&open.configuration).filter(|_| ended == Status::Successful && open.staging.is_none());
    let reached = early.map_or_else(|| has_reached_goal(service), |early| has_reached_early_goal(service, early));
    if !reached || (ended == Status::Successful && !has_baked(scope, service)) {
        return;
    }
    finish(scope, service, ended);
    if let Some(last) = service.service_deployments.last_mut().filter(|_| early.is_some_and(|early| early.deferred)) {
        last.cleans_up_at = Some(after(scope.at, scope.knobs.deferred_cleanup));
    }
}

/// Whether enough tasks of PRIMARY are healthy, and the old ones were told to stop or may stay for a while.
fn has_reached_early_goal(service: &Service, early: EarlySuccess) -> bool {
    let Some(primary) = service.primary().filter(|primary| primary.rollout != Rollout::Failed) else {
        return false;
    };
    let healthy = count(service.live_of(&primary.digits).filter(|task| task.is_healthy()));
    let old = service.tasks.iter().any(|task| task.is_live() && !task.is_of(&primary.digits));
    healthy >= early.enough(service.desired) && (early.deferred || !old)
}

fn has_baked(scope: &Scope<'_>, service: &mut Service) -> bool {
    service.open_mut().is_none_or(|open| monitors::has_baked(scope, open))
}

/// Ends what may end before the old tasks are stopped: a success whose cleanup is deferred.
pub(super) fn check_early(scope: &mut Scope<'_>, service: &mut Service) {
    let deferred =
        |open: &ServiceDeployment| EarlySuccess::read(&open.configuration).is_some_and(|early| early.deferred);
    if service.open().is_some_and(deferred) {
        succeed(scope, service);
    }
}

/// Whether old tasks may stay: they are cleaned up after a success, or after the bake time that comes before it.
pub(super) fn spares_old_tasks(scope: &Scope<'_>, service: &Service) -> bool {
    let bakes = |open: &ServiceDeployment| {
        open.bakes_until.is_some() && EarlySuccess::read(&open.configuration).is_some_and(|early| early.deferred)
    };
    if service.open().is_some_and(bakes) {
        return true;
    }
    service.service_deployments.last().and_then(|last| last.cleans_up_at).is_some_and(|until| until > scope.at)
}

/// Whether it has stages to go through before it can end.
fn is_before_its_end(scope: &Scope<'_>, open: &ServiceDeployment) -> bool {
    open.staging.as_ref().is_some_and(|staging| staging.stage != Stage::CleanUp || staging.until > scope.at)
}

/// Ends the open service deployment with PRIMARY in place: what a later rollback puts back.
pub(super) fn finish(scope: &Scope<'_>, service: &mut Service, ended: Status) {
    service.candidate = service.primary().map(|primary| primary.digits.clone());
    let target = service.open().map(|open| open.target.clone()).unwrap_or_default();
    let counts = service.counts(&target);
    if let Some(open) = service.open_mut() {
        open.enter(ended, scope.at);
        open.frozen = Some(counts);
    }
}

/// The classic deployment completes when no other is left.
fn complete(scope: &mut Scope<'_>, service: &mut Service) {
    let alone = service.deployments.iter().skip(1).all(|deployment| deployment.status == DeploymentStatus::Inactive);
    let candidate = service.candidate.clone();
    let proven = |digits: &str| candidate.as_deref() == Some(digits);
    let Some(primary) = service
        .primary_mut()
        .filter(|primary| alone && primary.rollout == Rollout::InProgress && proven(&primary.digits))
    else {
        return;
    };
    let id = primary.id();
    primary.rollout = Rollout::Completed;
    primary.reason = format!("ECS deployment {id} completed.");
    primary.updated_at = scope.at;
    say(scope, service, &format!("(deployment {id}) deployment completed."));
    say_next(scope, service, "has reached a steady state.");
    service.steady = true;
}

/// A service that was disturbed, by scaling or by a lost task, says when it is steady again.
fn settle(scope: &mut Scope<'_>, service: &mut Service) {
    let completed = service.primary().is_some_and(|primary| primary.rollout == Rollout::Completed);
    let rests = service.tasks.iter().all(|task| task.is_live() || task.last_status == TaskStatus::Stopped);
    let steady = completed && rests && has_reached_goal(service);
    if steady && !service.steady {
        say(scope, service, "has reached a steady state.");
    }
    service.steady = steady;
}
