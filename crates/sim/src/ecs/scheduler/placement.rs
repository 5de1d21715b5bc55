//! Starts the tasks of a service within its percentages, and lets `release` stop some, until there is no move left.
//!
//! The tick that AWS's documentation describes: launch as far as `maximumPercent` allows, stop old tasks as far
//! as `minimumHealthyPercent` allows, replace unhealthy tasks within their own revision.

use serde_json::Value;

use super::{
    capacity,
    launch::{Purpose, launch, subnet},
    release,
    say::{complain, say, task_list},
    staged,
};
use crate::ecs::world::{
    Scope,
    deployment::{Deployment, DeploymentStatus, Rollout},
    service::{Service, count},
    service_deployment::Status,
    stage::Stage,
    task::{TargetPort, Task, TaskStatus},
};

/// Rounds of starting and stopping in one look.
const ROUNDS: usize = 100;

/// Starts and stops what the percentages allow now.
pub(super) fn place(scope: &mut Scope<'_>, service: &mut Service) {
    adjust_desired(service);
    for _ in 0..ROUNDS {
        let started = start(scope, service);
        let stopped = release::stop(scope, service);
        if !started && !stopped {
            break;
        }
    }
    complain_if_stuck(scope, service);
}

/// What each deployment should have: PRIMARY what the service wants, unproven old ones what they have left.
fn adjust_desired(service: &mut Service) {
    let staging = staged::ongoing(service).map(|staging| (staging.stage, staging.blue.clone()));
    let replaced = service.primary().is_some_and(|primary| {
        primary.rollout != Rollout::Failed
            && count(service.live_of(&primary.digits).filter(|task| task.is_healthy())) >= service.desired
    });
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        let live = count(service.live_of(&deployment.digits));
        let desired = match deployment.status {
            DeploymentStatus::Primary if deployment.rollout == Rollout::Failed => live.min(deployment.desired),
            DeploymentStatus::Primary => service.desired,
            DeploymentStatus::Active if staging.is_some() => match &staging {
                Some((stage, blue)) if *stage < Stage::CleanUp && deployment.digits == *blue => service.desired,
                _ => 0,
            },
            DeploymentStatus::Active if deployment.rollout == Rollout::Completed && !replaced => deployment.desired,
            DeploymentStatus::Active | DeploymentStatus::Inactive => live.min(deployment.desired),
        };
        service.deployments[index].desired = desired;
    }
}

fn start(scope: &mut Scope<'_>, service: &mut Service) -> bool {
    let upper = service.settings().percents.upper(service.desired);
    let mut room = if staged::ongoing(service).is_some() { u32::MAX } else { upper.saturating_sub(live(service)) };
    let mut started = false;
    for index in 0..service.deployments.len() {
        let deployment = &service.deployments[index];
        if !launches(scope, service, deployment) {
            continue;
        }
        let missing = deployment.desired.saturating_sub(fit(service, &deployment.digits));
        let number = missing.min(room);
        room -= number;
        let placed = capacity::placeable(scope, service, index, number);
        started |= start_tasks(scope, service, index, placed);
    }
    started
}

/// Whether new tasks of the deployment are launched now.
pub(super) fn launches(scope: &Scope<'_>, service: &Service, deployment: &Deployment) -> bool {
    let wanted = match deployment.status {
        DeploymentStatus::Primary => {
            deployment.rollout != Rollout::Failed
                && !is_waiting(service)
                && staged::ongoing(service).is_none_or(|staging| staging.stage >= Stage::ScaleUp)
        }
        DeploymentStatus::Active => deployment.rollout == Rollout::Completed,
        DeploymentStatus::Inactive => false,
    };
    wanted && !deployment.is_backing_off(scope.at)
}

/// Whether the open service deployment has not begun, or is about to be rolled back.
pub(super) fn is_waiting(service: &Service) -> bool {
    service.open().is_some_and(|open| matches!(open.status, Status::Pending | Status::RollbackRequested))
}

fn start_tasks(scope: &mut Scope<'_>, service: &mut Service, index: usize, number: u32) -> bool {
    let deployment = &service.deployments[index];
    let Some(definition) = scope.families.find(&deployment.task_definition) else {
        return false;
    };
    let purpose = purpose(service, deployment);
    let tasks: Vec<Task> = (0..number).map(|_| launch(scope, definition, &purpose)).collect();
    if tasks.is_empty() {
        return false;
    }
    let ids: Vec<String> = tasks.iter().map(|task| task.id.clone()).collect();
    let unhealthy =
        service.tasks.iter().filter(|task| task.is_unhealthy() && task.deployment == purpose.deployment).count();
    service.tasks.extend(tasks);
    capacity::delay(scope.knobs, service, index, scope.at);
    let replaced = match unhealthy.min(ids.len()) {
        0 => String::new(),
        number => format!(" Amazon ECS replaced {number} tasks due to an unhealthy status."),
    };
    say(scope, service, &format!("has started {} tasks: {}.{replaced}", ids.len(), task_list(&ids)));
    true
}

fn purpose(service: &Service, deployment: &Deployment) -> Purpose {
    let revision = service.revision(&deployment.digits);
    let document = revision.map_or(&service.document, |revision| &revision.document);
    let alternate = revision.is_some_and(|revision| revision.alternate);
    let balancer = document.get("loadBalancers").and_then(|balancers| balancers.get(0));
    Purpose {
        cluster: service.cluster.clone(),
        cluster_arn: service.cluster_arn.clone(),
        deployment: Some(deployment.digits.clone()),
        group: format!("service:{}", service.name),
        started_by: Some(deployment.id()),
        launch_type: service.document.get("launchType").and_then(Value::as_str).unwrap_or("FARGATE").to_owned(),
        overrides: Value::Null,
        subnet: subnet(document.get("networkConfiguration")),
        target: balancer.map(|balancer| target_port(balancer, alternate)),
        grace: service.document.get("healthCheckGracePeriodSeconds").and_then(Value::as_f64).unwrap_or(0.0),
    }
}

/// Where a load balancer sends the requests of a revision.
pub(crate) fn target_port(balancer: &Value, alternate: bool) -> TargetPort {
    let other = balancer["advancedConfiguration"]["alternateTargetGroupArn"].as_str().filter(|_| alternate);
    let group = other.or_else(|| balancer["targetGroupArn"].as_str()).or_else(|| balancer["loadBalancerName"].as_str());
    TargetPort {
        group: group.unwrap_or_default().to_owned(),
        port: balancer["containerPort"].as_i64().unwrap_or_default(),
    }
}

/// The percentages leave no move, and nothing is on its way that could change that.
fn complain_if_stuck(scope: &mut Scope<'_>, service: &mut Service) {
    let Some(primary) = service.primary() else {
        return;
    };
    let wants_more = primary.rollout == Rollout::InProgress
        && scope.knobs.deadlock_event
        && !capacity::is_short(scope, service, primary)
        && launches(scope, service, primary)
        && fit(service, &primary.digits) < service.desired;
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
pub(super) fn fit(service: &Service, digits: &str) -> u32 {
    count(service.live_of(digits).filter(|task| !task.is_unhealthy()))
}
