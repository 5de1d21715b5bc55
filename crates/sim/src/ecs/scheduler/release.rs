//! Chooses the tasks of a service that are stopped now, and stops them.
//!
//! *Guess*: an unhealthy task is told to stop as soon as its replacement was launched, or alone where there is
//! no room for one.

use std::collections::BTreeMap;

use super::{
    completion::spares_old_tasks,
    placement::{fit, is_waiting, launches},
    say::{say, task_list},
    staged, task_life,
};
use crate::ecs::world::{
    Scope,
    deployment::{Deployment, DeploymentStatus, Rollout},
    service::{Service, count},
    stage::Stage,
    task::{Fitness, Stop, StopCode, Task, TaskStatus},
};

/// Stops what is not needed or no use; says whether there was any.
pub(super) fn stop(scope: &mut Scope<'_>, service: &mut Service) -> bool {
    let mut chosen = unhealthy_to_stop(scope, service);
    if !spares_old_tasks(scope, service) {
        chosen.extend(old_to_stop(service));
    }
    chosen.extend(surplus_to_stop(service));
    chosen.sort_unstable();
    chosen.dedup();
    stop_tasks(scope, service, &chosen)
}

/// Unhealthy tasks whose replacements were launched, or one at a time where there is no room for replacements.
fn unhealthy_to_stop(scope: &Scope<'_>, service: &Service) -> Vec<usize> {
    let mut chosen = Vec::new();
    for deployment in &service.deployments {
        let mut unhealthy = indices(service, |task| task.is_of(&deployment.digits) && task.is_unhealthy());
        let replaced = fit(service, &deployment.digits) >= deployment.desired;
        let stopping = service
            .tasks
            .iter()
            .any(|task| task.is_of(&deployment.digits) && task.stopping && task.last_status != TaskStatus::Stopped);
        if !replaced && launches(scope, service, deployment) {
            unhealthy.truncate(usize::from(!stopping));
        } else if !replaced && deployment.is_backing_off(scope.at) {
            unhealthy.clear();
        }
        chosen.extend(unhealthy);
    }
    chosen
}

/// Old tasks that are not needed any more: those that never helped first, then as many healthy ones as can be spared.
fn old_to_stop(service: &Service) -> Vec<usize> {
    let Some(primary) = service.primary().filter(|primary| primary.rollout != Rollout::Failed && !is_waiting(service))
    else {
        return Vec::new();
    };
    let is_old = |task: &Task| task.is_live() && !task.is_of(&primary.digits);
    let has_failed = |task: &Task| {
        service
            .deployments
            .iter()
            .any(|deployment| deployment.rollout == Rollout::Failed && task.is_of(&deployment.digits))
    };
    if let Some(staging) = staged::ongoing(service) {
        return indices(service, |task| {
            is_old(task) && (staging.stage == Stage::CleanUp || !task.is_of(&staging.blue))
        });
    }
    let healthy = count(service.tasks.iter().filter(|task| task.is_healthy()));
    let lower = service.settings().percents.lower(service.desired);
    let mut chosen = indices(service, |task| {
        is_old(task) && !task.is_healthy() && (task.is_pending() || has_failed(task) || healthy >= lower)
    });
    let spare = usize::try_from(healthy.saturating_sub(lower)).unwrap_or(usize::MAX);
    let mut healthy_old = indices(service, |task| is_old(task) && task.is_healthy());
    healthy_old.sort_by_key(|index| {
        service.candidate.as_deref().is_some_and(|candidate| service.tasks[*index].is_of(candidate))
    });
    chosen.extend(healthy_old.into_iter().take(spare));
    chosen
}

/// More tasks than the service wants, of PRIMARY or of the revision that still has the traffic.
fn surplus_to_stop(service: &Service) -> Vec<usize> {
    let Some(primary) = service.primary().filter(|primary| primary.rollout != Rollout::Failed) else {
        return Vec::new();
    };
    let blue = staged::ongoing(service).map(|staging| staging.blue.as_str());
    blue.into_iter().chain([primary.digits.as_str()]).flat_map(|digits| surplus_of(service, digits)).collect()
}

/// Those that help least first.
fn surplus_of(service: &Service, digits: &str) -> Vec<usize> {
    let mut mine = indices(service, |task| task.is_of(digits) && task.is_live() && !task.is_unhealthy());
    let surplus = mine.len().saturating_sub(usize::try_from(service.desired).unwrap_or(usize::MAX));
    mine.reverse();
    mine.sort_by_key(|index| (service.tasks[*index].last_status, service.tasks[*index].fitness == Fitness::Healthy));
    mine.truncate(surplus);
    mine
}

fn stop_tasks(scope: &mut Scope<'_>, service: &mut Service, chosen: &[usize]) -> bool {
    let initiator = service.primary().map(Deployment::id).unwrap_or_default();
    let (mut running, mut pending) = (Vec::new(), 0_u32);
    for index in chosen {
        let task = &mut service.tasks[*index];
        if task.is_pending() {
            pending += 1;
        } else {
            running.push(task.id.clone());
        }
        let reason = stop_reason(task, &initiator);
        task_life::stop(task, scope.at, scope.knobs, Stop { code: StopCode::ServiceSchedulerInitiated, reason });
    }
    lower_desired_of_old(service);
    if !running.is_empty() {
        say_draining(scope, service, chosen);
    }
    if !running.is_empty() {
        say(scope, service, &format!("has stopped {} running tasks: {}.", running.len(), task_list(&running)));
    }
    if pending > 0 {
        say(scope, service, &format!("stopped {pending} pending tasks."));
    }
    !chosen.is_empty()
}

/// A load-balanced task takes no new requests from now on.
fn say_draining(scope: &mut Scope<'_>, service: &mut Service, chosen: &[usize]) {
    let draining = chosen.iter().filter_map(|index| service.tasks.get(*index));
    let draining = draining.filter(|task| task.times.started.is_some()).filter_map(|task| task.watch.target.as_ref());
    let mut groups: BTreeMap<String, u32> = BTreeMap::new();
    for target in draining {
        *groups.entry(target.group.clone()).or_default() += 1;
    }
    for (group, number) in groups {
        say(scope, service, &format!("deregistered {number} targets in (target-group {group})"));
        say(scope, service, &format!("has begun draining connections on {number} tasks."));
    }
}

fn stop_reason(task: &Task, initiator: &str) -> String {
    match &task.watch.target {
        _ if !task.is_unhealthy() => {
            format!("Scaling activity initiated by (deployment {initiator})")
        }
        Some(target) if task.watch.container.is_none() => {
            format!("Task failed ELB health checks in (target-group {})", target.group)
        }
        _ => "Task failed container health checks".to_owned(),
    }
}

/// What an old deployment was told to stop is not replaced.
fn lower_desired_of_old(service: &mut Service) {
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        let is_shrinking = deployment.status == DeploymentStatus::Active && old_may_shrink(service);
        if is_shrinking {
            let live = count(service.live_of(&deployment.digits));
            let deployment = &mut service.deployments[index];
            deployment.desired = deployment.desired.min(live);
        }
    }
}

fn old_may_shrink(service: &Service) -> bool {
    service.primary().is_some_and(|primary| primary.rollout != Rollout::Failed) && !is_waiting(service)
}

fn indices(service: &Service, wanted: impl Fn(&Task) -> bool) -> Vec<usize> {
    service.tasks.iter().enumerate().filter(|(_, task)| wanted(task)).map(|(index, _)| index).collect()
}
