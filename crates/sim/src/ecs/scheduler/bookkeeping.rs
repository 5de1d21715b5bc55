//! What a deployment learns from its tasks: failures, back-off, image digests, the circuit breaker's count.
//!
//! It only counts; whether a count is too high is for `rollback` to say.

use super::{
    say::{complain, say},
    task_life::Outcome,
};
use crate::ecs::world::{
    Scope,
    deployment::{Backoff, Deployment, ResolvedImage},
    service::Service,
    task::Task,
    time::after,
};

/// After as many rounds of failed launches ECS complains in the events (a guess).
const ROUNDS_UNTIL_COMPLAINT: i32 = 3;

/// Takes in what became of the task at `index`.
pub(super) fn note(scope: &mut Scope<'_>, service: &mut Service, index: usize, outcome: Outcome) {
    let Some(task) = service.tasks.get(index) else {
        return;
    };
    let Some(digits) = task.deployment.clone() else {
        return;
    };
    match outcome {
        Outcome::Pulled => resolve_images(service, index, &digits),
        Outcome::Ran => note_running(scope, service, index, &digits),
        Outcome::FailedToStart => {
            note_failed_pull(scope, service, index, &digits);
            note_failed_start(scope, service, &digits);
        }
        Outcome::TurnedHealthy => note_healthy(service, &digits),
        Outcome::TurnedUnhealthy => note_unhealthy(scope, service, index, &digits),
        Outcome::Exited => note_exit(scope, service, &digits),
    }
}

/// The first task of a revision establishes what its images are.
fn resolve_images(service: &mut Service, index: usize, digits: &str) {
    let Service { tasks, revisions, .. } = service;
    let Some(revision) = revisions.iter_mut().find(|revision| revision.digits == digits && revision.images.is_empty())
    else {
        return;
    };
    let resolved = tasks[index].containers.iter().filter_map(|container| {
        Some(ResolvedImage {
            container: container.name.clone(),
            image: container.image.clone(),
            pulled: container.pulled.clone()?,
            pinned: container.version_consistency,
        })
    });
    revision.images = resolved.collect();
}

fn note_running(scope: &mut Scope<'_>, service: &mut Service, index: usize, digits: &str) {
    if let Some(deployment) = service.deployment_mut(digits) {
        deployment.reached_running = true;
        deployment.backoff = Backoff::default();
    }
    let group = service.tasks[index].watch.target.as_ref().map(|target| target.group.clone());
    if let Some(group) = group {
        say(scope, service, &format!("registered 1 targets in (target-group {group})"));
    }
}

/// An image that cannot be pulled: its digest is not established.
fn note_failed_pull(scope: &mut Scope<'_>, service: &mut Service, index: usize, digits: &str) {
    let failure = service.tasks[index].start_failure.clone();
    let Some(reason) = failure.filter(|reason| reason.starts_with("CannotPull")) else {
        return;
    };
    if let Some(deployment) = service.deployment_mut(digits) {
        deployment.unpulled = deployment.unpulled.saturating_add(1);
    }
    say(scope, service, &format!("was unable to place a task. Reason: {reason}"));
}

/// The circuit breaker's first stage, and the launch throttle.
fn note_failed_start(scope: &mut Scope<'_>, service: &mut Service, digits: &str) {
    let Some(deployment) = service.deployment_mut(digits) else {
        return;
    };
    let first_stage = !deployment.reached_running;
    fail(deployment, scope);
    back_off(deployment, scope);
    let rounds = deployment.backoff.rounds;
    if first_stage {
        count_failure(scope, service, digits);
    }
    if rounds >= ROUNDS_UNTIL_COMPLAINT {
        complain(scope, service, "is unable to consistently start tasks successfully.");
    }
}

fn note_healthy(service: &mut Service, digits: &str) {
    let resets = service.settings().breaker.reset_on_healthy_task;
    if let Some(deployment) = service.deployment_mut(digits) {
        deployment.failed_tasks = 0;
    }
    let is_primary = service.primary().is_some_and(|primary| primary.digits == digits);
    if let Some(open) = service.open_mut().filter(|_| resets && is_primary) {
        if open.rollback.is_some() {
            open.rollback_failures = 0;
        } else {
            open.failures = 0;
        }
    }
}

/// The circuit breaker's second stage.
fn note_unhealthy(scope: &mut Scope<'_>, service: &mut Service, index: usize, digits: &str) {
    let message = health_message(&service.tasks[index]);
    if let Some(deployment) = service.deployment_mut(digits) {
        fail(deployment, scope);
    }
    count_failure(scope, service, digits);
    say(scope, service, &message);
}

fn health_message(task: &Task) -> String {
    match &task.watch.target {
        Some(target) if task.watch.container.is_none() => format!(
            "(task {}) (port {}) is unhealthy in (target-group {}) due to (reason Health checks failed with these codes: [503]).",
            task.id, target.port, target.group
        ),
        _ => format!("(task {}) failed container health checks.", task.id),
    }
}

fn note_exit(scope: &mut Scope<'_>, service: &mut Service, digits: &str) {
    if let Some(deployment) = service.deployment_mut(digits) {
        fail(deployment, scope);
    }
    if scope.knobs.count_running_exit {
        count_failure(scope, service, digits);
    }
}

fn fail(deployment: &mut Deployment, scope: &Scope<'_>) {
    deployment.failed_tasks += 1;
    deployment.updated_at = scope.at;
}

/// Tasks that fail together are one round; each round doubles the pause.
fn back_off(deployment: &mut Deployment, scope: &Scope<'_>) {
    let backoff = &mut deployment.backoff;
    if backoff.last_failure == Some(scope.at) {
        return;
    }
    backoff.last_failure = Some(scope.at);
    backoff.rounds = backoff.rounds.saturating_add(1);
    let pause = scope.knobs.backoff_start * 2.0_f64.powi((backoff.rounds - 1).min(30));
    backoff.not_before = Some(after(scope.at, pause.min(scope.knobs.backoff_max)));
}

/// Failures of the PRIMARY deployment count against what it is there for, the rollout or the rollback, and no
/// further than to the threshold.
fn count_failure(scope: &Scope<'_>, service: &mut Service, digits: &str) {
    if service.primary().is_none_or(|primary| primary.digits != digits) {
        return;
    }
    let breaker = service.settings().breaker;
    let most =
        if breaker.enabled { breaker.threshold.at(service.desired, scope.knobs.breaker_bounds()) } else { u32::MAX };
    let Some(open) = service.open_mut() else {
        return;
    };
    let counter = match open.rollback {
        Some(_) => &mut open.rollback_failures,
        None => &mut open.failures,
    };
    *counter = counter.saturating_add(1).min(most);
}
