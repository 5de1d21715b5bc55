//! The state, its history and its clockwork in one: what the façade offers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    actors::{self, Actors},
    api::{Input, Perform, lose_task, operation},
    history::History,
    knobs::{Knobs, UnknownMembers},
    odd::{self, Tally},
    scheduler::agenda,
    shapes::{Unknown, validate},
    throttle::Buckets,
    world::{World, traffic::Listener},
};
use crate::{
    fault::AwsError,
    image::{ImageCatalog, Target},
    world::Alarms,
};

/// The most instants that one step goes through; what is left waits for the next step.
const MOST_INSTANTS: usize = 100_000;

/// ECS of one account and region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ecs {
    pub(super) world: World,
    #[serde(skip)]
    pub(super) history: History,
    pub(super) next: Option<Timestamp>,
    /// How many calls of each operation there were.
    #[serde(default)]
    calls: Tally,
    #[serde(default)]
    buckets: Buckets,
    #[serde(default)]
    pub(super) actors: Actors,
}

impl Ecs {
    /// An ECS with nothing in it.
    pub fn new(account: &str, region: &str) -> Self {
        Self {
            world: World::new(account, region),
            history: History::default(),
            next: None,
            calls: Tally::default(),
            buckets: Buckets::default(),
            actors: Actors::default(),
        }
    }

    /// Changes what the simulator guesses. What began under other settings goes on as it was planned.
    pub fn set_knobs(&mut self, knobs: Knobs) {
        self.world.knobs = knobs;
        self.history.restart(&self.world);
        self.actors.restart(&self.world);
    }

    /// The present settings.
    pub fn knobs(&self) -> &Knobs {
        &self.world.knobs
    }

    /// Performs one API operation (`DescribeServices`, …) at `now`. Call `step` with the same instant first.
    ///
    /// # Errors
    /// What AWS would answer.
    pub fn call(&mut self, operation: &str, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
        self.actors.begin(&self.world, now);
        let number = self.calls.count(operation);
        if self.world.knobs.throttle {
            self.buckets.take(operation, now)?;
        }
        if let Some(answer) = odd::missing(&self.world, operation, input, number) {
            return Ok(answer);
        }
        let answer = self.perform(operation, input, now, odd::lag(&self.world.knobs, operation, number))?;
        self.actors.note(&self.world, operation, now);
        Ok(odd::edited(&self.world.knobs.answers, operation, number, answer))
    }

    fn perform(&mut self, operation: &str, input: &Value, now: Timestamp, lag: Option<f64>) -> Result<Value, AwsError> {
        let input = Input(validate(operation, input, self.unknown_members(operation))?);
        match self::operation(operation) {
            Some(Perform::Read(read, usual)) => {
                let lag = lag.unwrap_or_else(|| usual(&self.world.knobs));
                read(self.history.view(&self.world, now, lag), &input, now)
            }
            Some(Perform::Write(write)) => {
                self.history.prepare(&self.world);
                let answer = write(&mut self.world, &input, now)?;
                self.changed(now);
                Ok(answer)
            }
            None => Err(AwsError::client("UnknownOperationException", format!("unknown operation {operation}"))),
        }
    }

    /// What somebody else does: a call, or a task that AWS takes away.
    fn act(&mut self, operation: &str, input: &Value, at: Timestamp) -> Result<Value, AwsError> {
        if operation != "LoseTask" {
            return self.perform(operation, input, at, None);
        }
        self.history.prepare(&self.world);
        let lost = lose_task(&mut self.world, input, at)?;
        self.changed(at);
        Ok(lost)
    }

    /// Lets everything happen that is due until `now`, each thing at its own instant, where no alarm rings.
    pub fn step(&mut self, now: Timestamp, images: &dyn ImageCatalog) {
        self.step_with(now, images, &Alarms::default());
    }

    /// As `step`, with alarms that are as they are at `now`.
    pub(crate) fn step_with(&mut self, now: Timestamp, images: &dyn ImageCatalog, alarms: &Alarms) {
        for _ in 0..MOST_INSTANTS {
            let Some(at) = self.next_step().filter(|at| *at <= now) else {
                return;
            };
            if self.next.is_some_and(|next| next <= at) {
                self.history.prepare(&self.world);
                agenda::happen(&mut self.world, at, images, alarms);
                self.changed(at);
            }
            while let Some(act) = self.actors.take(at) {
                let input = actors::resolved(&self.world, &act.input);
                let refused = self.act(&act.operation, &input, at).err();
                self.actors.done(act, at, refused.map(|error| format!("{}: {}", error.code, error.message)));
            }
        }
    }

    /// When something will happen next by itself.
    pub fn next_step(&self) -> Option<Timestamp> {
        self.next.into_iter().chain(self.actors.next()).min()
    }

    /// The running and draining tasks of a service, as a load balancer would see them.
    pub fn targets(&self, cluster: &str, service: &str, now: Timestamp) -> Vec<Target> {
        let service = self.world.clusters.get(cluster).and_then(|cluster| cluster.services.get(service));
        service.into_iter().flat_map(|service| &service.tasks).filter_map(|task| task.target(now)).collect()
    }

    /// The tasks that a request to `listener` may reach: those of the revision whose turn it is, in service or not,
    /// and the name of that turn's group of tasks. `turn` counts the requests of this listener from 0.
    pub fn route(
        &self,
        cluster: &str,
        service: &str,
        listener: Listener,
        turn: u64,
        now: Timestamp,
    ) -> (String, Vec<Target>) {
        let Some(service) = self.world.clusters.get(cluster).and_then(|cluster| cluster.services.get(service)) else {
            return (String::new(), Vec::new());
        };
        let revision = service.revision_for(listener, turn);
        let tasks = service.tasks.iter().filter(|task| revision.is_none_or(|revision| task.is_of(revision)));
        (revision.unwrap_or_default().to_owned(), tasks.filter_map(|task| task.target(now)).collect())
    }

    /// What to do with members of an input that the model does not have.
    pub(super) fn unknown_members(&self, operation: &str) -> Unknown {
        match self.world.knobs.unknown_members {
            UnknownMembers::Keep if operation == "RegisterTaskDefinition" => Unknown::Keep,
            UnknownMembers::Keep | UnknownMembers::Refuse => Unknown::Refuse,
        }
    }

    /// Keeps up what follows from the state.
    pub(super) fn changed(&mut self, at: Timestamp) {
        self.next = agenda::next_due(&self.world);
        self.history.remember(at, &self.world);
    }
}
