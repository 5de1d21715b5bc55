//! When a deployment has failed, and what is put back then.
//!
//! The circuit breaker of AWS's documentation (its two stages are counted in `bookkeeping`). A rollback makes
//! the last completed deployment PRIMARY again, under its old id; it makes no service deployment of its own.

use super::{
    cause::Cause,
    rollout::{DEPLOYING, end},
    say::{say, say_next},
};
use crate::ecs::{
    knobs::{NoCandidate, RollbackId},
    world::{
        Scope,
        deployment::{Backoff, Deployment, DeploymentStatus, Revision, Rollout},
        service::Service,
        service_deployment::{Rollback, ServiceDeployment, Status},
        task::Task,
        time::after,
    },
};

/// Trips the circuit breaker if it has counted enough, against the desired count of this moment.
pub(super) fn check(scope: &mut Scope<'_>, service: &mut Service) {
    let breaker = service.settings().breaker;
    let threshold = breaker.threshold.at(service.desired, scope.knobs.breaker_bounds());
    let Some(open) = service.open().filter(|_| breaker.enabled) else {
        return;
    };
    match open.status {
        Status::InProgress if open.failures >= threshold || has_no_digest(scope, service) => {
            trip(scope, service, breaker.rollback);
        }
        Status::RollbackInProgress if open.rollback_failures >= threshold => {
            fail_rollback(scope, service);
        }
        _ => {}
    }
}

/// Whether the digests of the new images could not be established in as many attempts as AWS makes.
fn has_no_digest(scope: &Scope<'_>, service: &Service) -> bool {
    let most = scope.knobs.digest_attempts;
    let Some(primary) = service.primary().filter(|primary| most > 0 && primary.unpulled >= most) else {
        return false;
    };
    service.revision(&primary.digits).is_some_and(|revision| revision.images.is_empty())
}

/// Carries out what `StopServiceDeployment` asked for.
pub(super) fn on_request(scope: &mut Scope<'_>, service: &mut Service) {
    roll_back_if_possible(scope, service, &Cause::Request);
}

/// A stage was not passed.
pub(super) fn on_hook(scope: &mut Scope<'_>, service: &mut Service, reason: &str) {
    give_up(scope, service, &Cause::Stage(reason.to_owned()), true);
}

/// An alarm rings.
pub(super) fn on_alarm(scope: &mut Scope<'_>, service: &mut Service, rollback: bool) {
    give_up(scope, service, &Cause::Alarm, rollback);
}

fn trip(scope: &mut Scope<'_>, service: &mut Service, rollback: bool) {
    if let Some(open) = service.open_mut() {
        open.tripped = true;
    }
    give_up(scope, service, &Cause::CircuitBreaker, rollback);
}

fn give_up(scope: &mut Scope<'_>, service: &mut Service, cause: &Cause, rollback: bool) {
    let id = service.primary().map(Deployment::id).unwrap_or_default();
    if let Some(event) = cause.event(&id) {
        say(scope, service, &event);
    }
    if rollback {
        roll_back_if_possible(scope, service, cause);
        return;
    }
    fail_primary(scope, service, cause);
    if let Some(open) = service.open_mut() {
        open.enter(Status::StopRequested, scope.at);
        open.status_reason = Some(cause.stopped_reason(scope.knobs).to_owned());
        open.due = Some(after(scope.at, scope.knobs.stop_request));
    }
}

fn roll_back_if_possible(scope: &mut Scope<'_>, service: &mut Service, cause: &Cause) {
    let candidate = service.candidate.clone();
    let failed = service.primary().map(|primary| primary.digits.clone());
    match candidate.filter(|candidate| Some(candidate) != failed.as_ref()) {
        Some(candidate) => roll_back(scope, service, cause, &candidate),
        None => stall(scope, service, cause),
    }
}

/// Nothing ever completed: nothing more is launched.
fn stall(scope: &mut Scope<'_>, service: &mut Service, cause: &Cause) {
    fail_primary(scope, service, cause);
    let Some(index) = service.service_deployments.len().checked_sub(1) else {
        return;
    };
    let open = &mut service.service_deployments[index];
    open.status_reason = Some("No rollback candidate was found to run the rollback.".to_owned());
    let ended = match scope.knobs.no_candidate {
        NoCandidate::Stopped => Status::Stopped,
        NoCandidate::RollbackFailed => {
            open.enter(Status::RollbackInProgress, scope.at);
            Status::RollbackFailed
        }
    };
    end(scope, service, index, ended);
}

fn roll_back(scope: &mut Scope<'_>, service: &mut Service, cause: &Cause, candidate: &str) {
    fail_primary(scope, service, cause);
    if let Some(failed) = service.primary_mut() {
        failed.status = DeploymentStatus::Active;
        failed.desired = 0;
    }
    service.candidate = None;
    let Some(target) = target_revision(scope, service, candidate) else {
        return;
    };
    restore(service, &target);
    let deployment = put_back(scope, service, &target, cause);
    let id = deployment.id();
    service.deployments.insert(0, deployment);
    service.steady = false;
    if let Some(open) = service.open_mut() {
        open.enter(Status::RollbackInProgress, scope.at);
        open.due = Some(after(scope.at, scope.knobs.rollback_at_least));
        take_traffic_back(open);
        open.status_reason = Some(cause.status_reason(scope.knobs).to_owned());
        open.rollback = Some(Rollback {
            reason: cause.status_reason(scope.knobs).to_owned(),
            started_at: scope.at,
            to: candidate.to_owned(),
        });
    }
    say_next(scope, service, &format!("rolling back to deployment {id}."));
}

/// At once, whatever stage it was in; the stage is shown as it was.
fn take_traffic_back(open: &mut ServiceDeployment) {
    if let Some(staging) = &mut open.staging {
        (staging.production, staging.test) = (0.0, 0.0);
    }
}

/// The revision to put back: the old one, or a copy of it with a new id if the knobs say so.
fn target_revision(scope: &mut Scope<'_>, service: &mut Service, candidate: &str) -> Option<Revision> {
    let mut revision = service.revision(candidate)?.clone();
    if scope.knobs.rollback_id == RollbackId::New {
        revision.digits = scope.ids.digits();
        revision.arn = scope.arn(&format!("service-revision/{}/{}/{}", service.cluster, service.name, revision.digits));
        revision.created_at = scope.at;
        service.revisions.push(revision.clone());
    }
    Some(revision)
}

fn restore(service: &mut Service, revision: &Revision) {
    service.task_definition.clone_from(&revision.task_definition);
    for name in DEPLOYING {
        match revision.document.get(name) {
            Some(value) => service.document.insert(name.to_owned(), value.clone()),
            None => service.document.shift_remove(name),
        };
    }
}

fn put_back(scope: &Scope<'_>, service: &mut Service, revision: &Revision, cause: &Cause) -> Deployment {
    let listed = service.deployments.iter().position(|deployment| deployment.digits == revision.digits);
    let mut deployment = match listed {
        Some(index) => service.deployments.remove(index),
        None => Deployment::new(&revision.digits, &revision.task_definition, service.desired, revision.created_at),
    };
    deployment.status = DeploymentStatus::Primary;
    deployment.rollout = Rollout::InProgress;
    deployment.reason = cause.return_to(&deployment.id());
    deployment.desired = service.desired;
    deployment.failed_tasks = 0;
    deployment.unpulled = 0;
    deployment.backoff = Backoff::default();
    deployment.reached_running = service.live_of(&revision.digits).any(Task::is_running);
    deployment.inactive_since = None;
    deployment.updated_at = scope.at;
    deployment
}

/// What is put back fails as well: the worst that can happen.
fn fail_rollback(scope: &mut Scope<'_>, service: &mut Service) {
    let id = service.primary().map(Deployment::id).unwrap_or_default();
    say(scope, service, &format!("(deployment {id}) deployment failed: tasks failed to start."));
    fail_primary(scope, service, &Cause::CircuitBreaker);
    if let Some(index) = service.service_deployments.len().checked_sub(1) {
        end(scope, service, index, Status::RollbackFailed);
    }
}

fn fail_primary(scope: &Scope<'_>, service: &mut Service, cause: &Cause) {
    if let Some(primary) = service.primary_mut() {
        primary.rollout = Rollout::Failed;
        primary.given_up_at = Some(scope.at);
        cause.failure(scope.knobs).clone_into(&mut primary.reason);
        primary.updated_at = scope.at;
    }
}
