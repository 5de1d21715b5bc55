//! Deployments that shift traffic: their stages, one after the other.
//!
//! Tasks are started and stopped by `placement` and `release`, which ask here what the stage allows; the end is
//! `completion`'s. *Guess*: `maximumPercent` does not limit the new revision, and a deployment without anything
//! to take traffic from is made like a rolling one.

use super::{
    hooks::{self, Verdict},
    rollback,
};
use crate::ecs::world::{
    Scope,
    deployment::Deployment,
    service::{Service, count},
    service_deployment::{ServiceDeployment, Status},
    stage::Stage,
    staging::Staging,
    strategy::{Hook, Strategy, bake_time},
    time::after,
};

/// The stages and the revision that gives traffic, if such a deployment is going on.
pub(super) fn ongoing(service: &Service) -> Option<&Staging> {
    service.open().filter(|open| open.status == Status::InProgress)?.staging.as_ref()
}

/// Begins the stages of the service deployment at `index`, if its strategy has any.
pub(super) fn begin(scope: &mut Scope<'_>, service: &mut Service, index: usize) {
    let deployment = &service.service_deployments[index];
    let target = deployment.target.clone();
    let Some(blue) = blue(service, &target).filter(|_| Strategy::read(&deployment.configuration) != Strategy::Rolling)
    else {
        return;
    };
    let others = service.tasks.iter().any(|task| task.is_live() && !task.is_of(&blue) && !task.is_of(&target));
    let stage = if others { Stage::ReconcileService } else { Stage::PreScaleUp };
    use_other_target_group(service, &blue, &target);
    service.service_deployments[index].staging = Some(Staging {
        stage,
        since: scope.at,
        until: scope.at,
        blue,
        steps: 0,
        production: 0.0,
        test: 0.0,
        hooks: Vec::new(),
    });
    enter(scope, &mut service.service_deployments[index], stage);
}

/// The revision that has the traffic now: the last completed one if it runs, or else the one with most healthy tasks.
fn blue(service: &Service, target: &str) -> Option<String> {
    let healthy = |deployment: &Deployment| count(service.live_of(&deployment.digits).filter(|task| task.is_healthy()));
    let is_candidate = |deployment: &Deployment| service.candidate.as_ref() == Some(&deployment.digits);
    let others = service.deployments.iter().filter(|deployment| deployment.digits != target);
    let running = others.filter(|deployment| service.live_of(&deployment.digits).next().is_some());
    running.max_by_key(|deployment| (is_candidate(deployment), healthy(deployment))).map(|blue| blue.digits.clone())
}

/// The two target groups take turns.
fn use_other_target_group(service: &mut Service, blue: &str, green: &str) {
    let other = !service.revision(blue).is_some_and(|revision| revision.alternate);
    if let Some(revision) = service.revisions.iter_mut().find(|revision| revision.digits == green) {
        revision.alternate = other;
    }
}

/// Goes through the stages as far as it can now.
pub(super) fn advance(scope: &mut Scope<'_>, service: &mut Service) {
    while move_on(scope, service) {}
}

fn move_on(scope: &mut Scope<'_>, service: &mut Service) -> bool {
    let (is_ready, knobs) = (is_ready(scope, service), scope.knobs);
    let Some(open) = service.open_mut().filter(|open| open.status == Status::InProgress) else {
        return false;
    };
    let Some(staging) = &mut open.staging else {
        return false;
    };
    let verdict = match hooks::advance(knobs, scope.at, staging) {
        Verdict::Wait | Verdict::GoOn if staging.overdue() <= scope.at && !staging.is_paused() => {
            overdue(staging.stage)
        }
        other => other,
    };
    match verdict {
        Verdict::GoOn if is_ready => {
            let next = next(staging);
            next.is_some_and(|next| {
                enter(scope, open, next);
                true
            })
        }
        Verdict::GoOn | Verdict::Wait => false,
        Verdict::GiveUp(reason) => {
            rollback::on_hook(scope, service, &reason);
            false
        }
    }
}

/// *Guess*: the words. That a stage may take a day is documented.
fn overdue(stage: Stage) -> Verdict {
    let stage = stage.as_str();
    Verdict::GiveUp(format!("Service deployment rolled back because stage {stage} did not complete within 24 hours."))
}

/// Whether the stage has done what it is for and lasted as long as it should.
fn is_ready(scope: &Scope<'_>, service: &Service) -> bool {
    let (Some(staging), Some(primary)) = (ongoing(service), service.primary()) else {
        return false;
    };
    let is_done = match staging.stage {
        Stage::ReconcileService => {
            service.tasks.iter().all(|task| !task.is_live() || task.is_of(&staging.blue) || task.is_of(&primary.digits))
        }
        Stage::ScaleUp => count(service.live_of(&primary.digits).filter(|task| task.is_healthy())) >= service.desired,
        Stage::PreScaleUp
        | Stage::PostScaleUp
        | Stage::TestTrafficShift
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::ProductionTrafficShift
        | Stage::PostProductionTrafficShift
        | Stage::BakeTime
        | Stage::CleanUp => true,
    };
    is_done && staging.until <= scope.at
}

/// The stage after this one; cleaning up is the last.
fn next(staging: &Staging) -> Option<Stage> {
    Some(match staging.stage {
        Stage::ReconcileService => Stage::PreScaleUp,
        Stage::PreScaleUp => Stage::ScaleUp,
        Stage::ScaleUp => Stage::PostScaleUp,
        Stage::PostScaleUp => Stage::TestTrafficShift,
        Stage::TestTrafficShift => Stage::PostTestTrafficShift,
        Stage::PostTestTrafficShift => Stage::PreProductionTrafficShift,
        Stage::PreProductionTrafficShift => Stage::ProductionTrafficShift,
        Stage::ProductionTrafficShift if staging.production < 100.0 => Stage::PreProductionTrafficShift,
        Stage::ProductionTrafficShift => Stage::PostProductionTrafficShift,
        Stage::PostProductionTrafficShift => Stage::BakeTime,
        Stage::BakeTime => Stage::CleanUp,
        Stage::CleanUp => return None,
    })
}

fn enter(scope: &mut Scope<'_>, deployment: &mut ServiceDeployment, stage: Stage) {
    let Some(staging) = &mut deployment.staging else {
        return;
    };
    let strategy = Strategy::read(&deployment.configuration);
    staging.stage = stage;
    staging.since = scope.at;
    deployment.updated_at = scope.at;
    match stage {
        Stage::TestTrafficShift => staging.test = 100.0,
        Stage::ProductionTrafficShift => {
            staging.steps = staging.steps.saturating_add(1);
            staging.production = strategy.weight(staging.steps);
        }
        Stage::ReconcileService
        | Stage::PreScaleUp
        | Stage::ScaleUp
        | Stage::PostScaleUp
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::PostProductionTrafficShift
        | Stage::BakeTime
        | Stage::CleanUp => {}
    }
    let lasts = match stage {
        Stage::BakeTime => bake_time(&deployment.configuration).unwrap_or(0.0),
        Stage::ProductionTrafficShift if staging.production < 100.0 => strategy.step_bake(),
        _ => 0.0,
    };
    staging.until = after(scope.at, lasts.max(scope.knobs.stage_time));
    hooks::reach(scope, staging, &Hook::read_all(&deployment.configuration), stage);
}
