//! Starts and stops the tasks of a service within its percentages.
//!
//! The tick that AWS's documentation describes: launch as far as `maximumPercent` allows, stop old tasks as far
//! as `minimumHealthyPercent` allows, replace unhealthy tasks within their own revision. *Guess*: an unhealthy
//! task is told to stop as soon as its replacement was launched, or alone where there is no room for one.

use serde_json::Value;

use super::{
    launch::{Purpose, launch},
    say::{complain, say, task_list},
    task_life,
};
use crate::ecs::world::{
    Scope,
    deployment::{Deployment, DeploymentStatus, Rollout},
    service::{Service, count},
    service_deployment::Status,
    task::{Fitness, Stop, StopCode, TargetPort, Task, TaskStatus},
};

/// Rounds of starting and stopping in one look.
const ROUNDS: usize = 100;

/// Starts and stops what the percentages allow now.
pub(super) fn place(scope: &mut Scope<'_>, service: &mut Service) {
    adjust_desired(service);
    for _ in 0..ROUNDS {
        let started = start(scope, service);
        let stopped = stop(scope, service);
        if !started && !stopped {
            break;
        }
    }
    complain_if_stuck(scope, service);
}

/// What each deployment should have: PRIMARY what the service wants, unproven old ones what they have left.
fn adjust_desired(service: &mut Service) {
    let replaced = service.primary().is_some_and(|primary| {
        primary.rollout != Rollout::Failed && count(service.live_of(&primary.digits).filter(|task| task.is_healthy())) >= service.desired
    });
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        let live = count(service.live_of(&deployment.digits));
        let desired = match deployment.status {
            DeploymentStatus::Primary if deployment.rollout == Rollout::Failed => live.min(deployment.desired),
            DeploymentStatus::Primary => service.desired,
            DeploymentStatus::Active if deployment.rollout == Rollout::Completed && !replaced => deployment.desired,
            DeploymentStatus::Active | DeploymentStatus::Inactive => live.min(deployment.desired),
        };
        service.deployments[index].desired = desired;
    }
}

fn start(scope: &mut Scope<'_>, service: &mut Service) -> bool {
    let mut room = service.settings().percents.upper(service.desired).saturating_sub(live(service));
    let mut started = false;
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        if !launches(scope, service, deployment) {
            continue;
        }
        let missing = deployment.desired.saturating_sub(fit(service, &deployment.digits));
        let number = missing.min(room);
        room -= number;
        started |= start_tasks(scope, service, index, number);
    }
    started
}

/// Whether new tasks of the deployment are launched now.
fn launches(scope: &Scope<'_>, service: &Service, deployment: &Deployment) -> bool {
    let wanted = match deployment.status {
        DeploymentStatus::Primary => deployment.rollout != Rollout::Failed && !is_waiting(service),
        DeploymentStatus::Active => deployment.rollout == Rollout::Completed,
        DeploymentStatus::Inactive => false,
    };
    wanted && !deployment.is_backing_off(scope.at)
}

/// Whether the open service deployment has not begun, or is about to be rolled back.
fn is_waiting(service: &Service) -> bool {
    service.open().is_some_and(|open| matches!(open.status, Status::Pending | Status::RollbackRequested))
}

fn start_tasks(scope: &mut Scope<'_>, service: &mut Service, index: usize, number: u32) -> bool {
    let deployment = &service.deployments[index];
    let Some(definition) = scope.families.find(&deployment.task_definition) else { return false };
    let purpose = purpose(service, deployment);
    let tasks: Vec<Task> = (0..number).map(|_| launch(scope, definition, &purpose)).collect();
    if tasks.is_empty() {
        return false;
    }
    let ids: Vec<String> = tasks.iter().map(|task| task.id.clone()).collect();
    let unhealthy = service.tasks.iter().filter(|task| task.is_unhealthy() && task.deployment == purpose.deployment).count();
    service.tasks.extend(tasks);
    let replaced = match unhealthy.min(ids.len()) {
        0 => String::new(),
        number => format!(" Amazon ECS replaced {number} tasks due to an unhealthy status."),
    };
    say(scope, service, &format!("has started {} tasks: {}.{replaced}", ids.len(), task_list(&ids)));
    true
}

fn purpose(service: &Service, deployment: &Deployment) -> Purpose {
    let document = service.revision(&deployment.digits).map_or(&service.document, |revision| &revision.document);
    let balancer = document.get("loadBalancers").and_then(|balancers| balancers.get(0));
    Purpose {
        cluster: service.cluster.clone(),
        cluster_arn: service.cluster_arn.clone(),
        deployment: Some(deployment.digits.clone()),
        group: format!("service:{}", service.name),
        started_by: Some(deployment.id()),
        launch_type: service.document.get("launchType").and_then(Value::as_str).unwrap_or("FARGATE").to_owned(),
        overrides: Value::Null,
        target: balancer.map(|balancer| TargetPort {
            group: balancer["targetGroupArn"].as_str().or_else(|| balancer["loadBalancerName"].as_str()).unwrap_or_default().to_owned(),
            port: balancer["containerPort"].as_i64().unwrap_or_default(),
        }),
        grace: service.document.get("healthCheckGracePeriodSeconds").and_then(Value::as_f64).unwrap_or(0.0),
    }
}

fn stop(scope: &mut Scope<'_>, service: &mut Service) -> bool {
    let mut chosen = unhealthy_to_stop(scope, service);
    chosen.extend(old_to_stop(service));
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
        let stopping = service.tasks.iter().any(|task| task.is_of(&deployment.digits) && task.stopping && task.last_status != TaskStatus::Stopped);
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
    let Some(primary) = service.primary().filter(|primary| primary.rollout != Rollout::Failed && !is_waiting(service)) else { return Vec::new() };
    let is_old = |task: &Task| task.is_live() && !task.is_of(&primary.digits);
    let has_failed = |task: &Task| service.deployments.iter().any(|deployment| deployment.rollout == Rollout::Failed && task.is_of(&deployment.digits));
    let healthy = count(service.tasks.iter().filter(|task| task.is_healthy()));
    let lower = service.settings().percents.lower(service.desired);
    let mut chosen = indices(service, |task| {
        is_old(task) && !task.is_healthy() && (task.is_pending() || has_failed(task) || healthy >= lower)
    });
    let spare = usize::try_from(healthy.saturating_sub(lower)).unwrap_or(usize::MAX);
    let mut healthy_old = indices(service, |task| is_old(task) && task.is_healthy());
    healthy_old.sort_by_key(|index| service.candidate.as_deref().is_some_and(|candidate| service.tasks[*index].is_of(candidate)));
    chosen.extend(healthy_old.into_iter().take(spare));
    chosen
}

/// More tasks of PRIMARY than the service wants: those that help least first.
fn surplus_to_stop(service: &Service) -> Vec<usize> {
    let Some(primary) = service.primary().filter(|primary| primary.rollout != Rollout::Failed) else { return Vec::new() };
    let mut mine = indices(service, |task| task.is_of(&primary.digits) && task.is_live() && !task.is_unhealthy());
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
    if !running.is_empty() && service.target_group().is_some() {
        say(scope, service, &format!("has begun draining connections on {} tasks.", running.len()));
    }
    if !running.is_empty() {
        say(scope, service, &format!("has stopped {} running tasks: {}.", running.len(), task_list(&running)));
    }
    if pending > 0 {
        say(scope, service, &format!("stopped {pending} pending tasks."));
    }
    !chosen.is_empty()
}

fn stop_reason(task: &Task, initiator: &str) -> String {
    match &task.watch.target {
        _ if !task.is_unhealthy() => format!("Scaling activity initiated by (deployment {initiator})"),
        Some(target) if task.watch.container.is_none() => format!("Task failed ELB health checks in (target-group {})", target.group),
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

/// The percentages leave no move, and nothing is on its way that could change that.
fn complain_if_stuck(scope: &mut Scope<'_>, service: &mut Service) {
    let Some(primary) = service.primary() else { return };
    let wants_more = primary.rollout == Rollout::InProgress && launches(scope, service, primary) && fit(service, &primary.digits) < service.desired;
    let rests = service.tasks.iter().all(|task| task.last_status == TaskStatus::Stopped || task.is_healthy());
    if wants_more && rests {
        complain(
            scope,
            service,
            "was unable to stop or start tasks during a deployment because of the service deployment configuration. \
             Update the minimumHealthyPercent or maximumPercent value and try again.",
        );
    }
}

fn live(service: &Service) -> u32 {
    count(service.tasks.iter().filter(|task| task.is_live()))
}

/// Live tasks of a deployment that are not known to be unhealthy.
fn fit(service: &Service, digits: &str) -> u32 {
    count(service.live_of(digits).filter(|task| !task.is_unhealthy()))
}

fn indices(service: &Service, wanted: impl Fn(&Task) -> bool) -> Vec<usize> {
    service.tasks.iter().enumerate().filter(|(_, task)| wanted(task)).map(|(index, _)| index).collect()
}
