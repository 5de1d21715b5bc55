//! Somebody else who works on the same services, as the knobs say: when each call is due, and what it names.
//!
//! A call that is refused is remembered as such and changes nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    knobs::Actor,
    odd::Tally,
    world::{World, service::Service, staging::HookStatus, time::after},
};

/// What others will do, and what they did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Actors {
    /// Since when time counts.
    began: Option<Timestamp>,
    accepted: Tally,
    due: Vec<Act>,
    done: Vec<Done>,
}

/// A call that is due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Act {
    at: Timestamp,
    pub(super) operation: String,
    pub(super) input: Map<String, Value>,
}

/// A call that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Done {
    at: Timestamp,
    operation: String,
    /// Why it was refused, if it was.
    refused: Option<String>,
}

impl Actors {
    /// Time counts from now, unless it does already.
    pub(super) fn begin(&mut self, world: &World, now: Timestamp) {
        if self.began.is_none() {
            self.began = Some(now);
            self.plan(world, now, |actor| actor.on.is_none());
        }
    }

    /// The knobs were set anew: what counts from the beginning is planned again.
    pub(super) fn restart(&mut self, world: &World) {
        self.due.clear();
        if let Some(began) = self.began {
            self.plan(world, began, |actor| actor.on.is_none());
        }
    }

    /// A client's call was accepted.
    pub(super) fn note(&mut self, world: &World, operation: &str, now: Timestamp) {
        let number = self.accepted.count(operation);
        self.plan(world, now, |actor| actor.on.as_deref() == Some(operation) && actor.number == number);
    }

    /// When the next call is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.due.iter().map(|act| act.at).min()
    }

    /// Takes a call that is due at `at`.
    pub(super) fn take(&mut self, at: Timestamp) -> Option<Act> {
        let index = self.due.iter().position(|act| act.at <= at)?;
        Some(self.due.remove(index))
    }

    /// Remembers how a call went.
    pub(super) fn done(&mut self, act: Act, at: Timestamp, refused: Option<String>) {
        self.done.push(Done { at, operation: act.operation, refused });
    }

    fn plan(&mut self, world: &World, from: Timestamp, wanted: impl Fn(&Actor) -> bool) {
        let is_here = |actor: &Actor| {
            actor.account.as_ref().is_none_or(|account| *account == world.account)
                && actor.region.as_ref().is_none_or(|region| *region == world.region)
        };
        let planned = world.knobs.actors.iter().filter(|actor| is_here(actor) && wanted(actor));
        self.due.extend(planned.map(|actor| Act {
            at: after(from, actor.after),
            operation: actor.operation.clone(),
            input: actor.input.clone(),
        }));
    }
}

/// The input of a call, with what it names put in.
pub(super) fn resolved(world: &World, input: &Map<String, Value>) -> Value {
    let resolve = |value: &Value| {
        let named = value.as_str().and_then(|text| text.strip_prefix('$')).and_then(|text| text.split_once(':'));
        named.and_then(|(kind, name)| name_of(world, kind, name)).map_or_else(|| value.clone(), Value::from)
    };
    input.iter().map(|(name, value)| (name.clone(), resolve(value))).collect::<Map<_, _>>().into()
}

fn name_of(world: &World, kind: &str, name: &str) -> Option<String> {
    if kind == "one-off" {
        let tasks = world.clusters.values().flat_map(|cluster| &cluster.tasks);
        let mut running = tasks.filter(|task| task.is_live() && task.deployment.is_none() && task.family == name);
        return running.next().map(|task| task.arn.clone());
    }
    let service = world.clusters.values().find_map(|cluster| cluster.services.get(name))?;
    match kind {
        "task" => running_task(service),
        "deployment" => service.service_deployments.last().map(|last| last.arn.clone()),
        "definition" => Some(service.task_definition.clone()),
        "hook" => waiting_hook(service),
        _ => None,
    }
}

fn running_task(service: &Service) -> Option<String> {
    let primary = service.primary().map(|primary| primary.digits.as_str()).unwrap_or_default();
    let running = service.tasks.iter().filter(|task| task.is_running());
    running.max_by_key(|task| task.is_of(primary)).map(|task| task.arn.clone())
}

fn waiting_hook(service: &Service) -> Option<String> {
    let hooks = &service.open()?.staging.as_ref()?.hooks;
    hooks.iter().find(|hook| hook.status == HookStatus::AwaitingAction).map(|hook| hook.id.clone())
}
