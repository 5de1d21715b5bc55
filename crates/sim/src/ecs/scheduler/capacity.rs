//! How many tasks can be placed, where the knobs say that capacity is short.
//!
//! *Guess*: what could not be placed is tried again as soon as the shortage is over.

use jiff::Timestamp;

use super::say::complain;
use crate::ecs::{
    knobs::{Knobs, Shortage, ShortageKind},
    world::{
        Scope,
        deployment::Deployment,
        service::{Service, count},
        task::{Moment, Task, TaskStatus},
        time::after,
    },
};

/// The shortage that a deployment meets at `at`.
fn shortage<'a>(knobs: &'a Knobs, service: &Service, deployment: &Deployment, at: Timestamp) -> Option<&'a Shortage> {
    let is_now = |shortage: &&Shortage| {
        let begins = after(deployment.created_at, shortage.after);
        shortage.service.as_ref().is_none_or(|name| *name == service.name)
            && begins <= at
            && end(shortage, begins).is_none_or(|end| end > at)
    };
    knobs.shortages.iter().find(is_now)
}

fn end(shortage: &Shortage, begins: Timestamp) -> Option<Timestamp> {
    shortage.lasts.map(|lasts| after(begins, lasts))
}

/// Whether tasks of the deployment cannot be placed now.
pub(super) fn is_short(scope: &Scope<'_>, service: &Service, deployment: &Deployment) -> bool {
    shortage(scope.knobs, service, deployment, scope.at).is_some()
}

/// As many of `number` tasks as can be placed; tells of the others.
pub(super) fn placeable(scope: &mut Scope<'_>, service: &mut Service, index: usize, number: u32) -> u32 {
    let deployment = &service.deployments[index];
    let Some(shortage) = shortage(scope.knobs, service, deployment, scope.at) else {
        return number;
    };
    let Some(event) = shortage.kind.event() else {
        return number;
    };
    let placed = number.min(shortage.room.saturating_sub(count(service.live_of(&deployment.digits))));
    if placed < number {
        complain(scope, service, event);
    }
    placed
}

/// Lets the newest tasks wait for capacity that is still being made, but for as many as have room.
pub(super) fn delay(knobs: &Knobs, service: &mut Service, index: usize, at: Timestamp) {
    let deployment = &service.deployments[index];
    let Some(shortage) =
        shortage(knobs, service, deployment, at).filter(|short| short.kind == ShortageKind::Provisioning)
    else {
        return;
    };
    let until = end(shortage, after(deployment.created_at, shortage.after));
    let (digits, room) = (deployment.digits.clone(), usize::try_from(shortage.room).unwrap_or(usize::MAX));
    let mine = service.tasks.iter_mut().filter(|task| task.is_live() && task.is_of(&digits));
    let waiting = mine.skip(room).filter(|task| task.last_status == TaskStatus::Provisioning);
    waiting.for_each(|task| wait(task, until));
}

/// The task stays PROVISIONING until then, or for ever.
fn wait(task: &mut Task, until: Option<Timestamp>) {
    task.agenda = until.map(|until| (until, Moment::Pull)).into_iter().collect();
}

/// What `RunTask` can place of `number` tasks, and why the others fail.
pub(crate) fn one_off(knobs: &Knobs, number: i64) -> (i64, Option<&'static str>) {
    let Some(shortage) = knobs.shortages.iter().find(|shortage| shortage.service.is_none()) else {
        return (number, None);
    };
    match shortage.kind.failure() {
        Some(reason) => (number.min(shortage.room.into()), Some(reason)),
        None => (number, None),
    }
}

/// When the next shortage of the service is over, after `at`.
pub(super) fn next_end(knobs: &Knobs, service: &Service, at: Timestamp) -> Option<Timestamp> {
    let ends = service.deployments.iter().flat_map(|deployment| {
        knobs.shortages.iter().filter_map(|shortage| end(shortage, after(deployment.created_at, shortage.after)))
    });
    ends.filter(|end| *end > at).min()
}
