//! When a deployment is done: first the service deployment, then, once the old tasks are gone, the classic one.

use super::say::{say, say_next};
use crate::ecs::world::{
    Scope,
    deployment::{DeploymentStatus, Rollout},
    service::{Service, count},
    service_deployment::{ServiceDeployment, Status},
    stage::Stage,
    task::TaskStatus,
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
fn succeed(scope: &Scope<'_>, service: &mut Service) {
    let Some(open) = service.open().filter(|open| open.due.is_none()) else {
        return;
    };
    let ended = match open.status {
        Status::InProgress if !is_before_its_end(scope, open) => Status::Successful,
        Status::RollbackInProgress => Status::RollbackSuccessful,
        _ => return,
    };
    if has_reached_goal(service) {
        finish(scope, service, ended);
    }
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
