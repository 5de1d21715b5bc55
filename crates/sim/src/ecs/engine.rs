//! The state, its history and its clockwork in one: what the façade offers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    api::{Input, Perform, operation},
    history::History,
    knobs::{Knobs, UnknownMembers},
    scheduler::agenda,
    shapes::{Unknown, validate},
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
}

impl Ecs {
    /// An ECS with nothing in it.
    pub fn new(account: &str, region: &str) -> Self {
        Self { world: World::new(account, region), history: History::default(), next: None }
    }

    /// Changes what the simulator guesses. What began under other settings goes on as it was planned.
    pub fn set_knobs(&mut self, knobs: Knobs) {
        self.world.knobs = knobs;
        self.history.restart(&self.world);
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
        let input = Input(validate(operation, input, self.unknown_members(operation))?);
        match self::operation(operation) {
            Some(Perform::Read(read, lag)) => {
                read(self.history.view(&self.world, now, lag(&self.world.knobs)), &input, now)
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

    /// Lets everything happen that is due until `now`, each thing at its own instant, where no alarm rings.
    pub fn step(&mut self, now: Timestamp, images: &dyn ImageCatalog) {
        self.step_with(now, images, &Alarms::default());
    }

    /// As `step`, with alarms that are as they are at `now`.
    pub(crate) fn step_with(&mut self, now: Timestamp, images: &dyn ImageCatalog, alarms: &Alarms) {
        for _ in 0..MOST_INSTANTS {
            let Some(at) = self.next.filter(|at| *at <= now) else {
                return;
            };
            self.history.prepare(&self.world);
            agenda::happen(&mut self.world, at, images, alarms);
            self.changed(at);
        }
    }

    /// When something will happen next by itself.
    pub fn next_step(&self) -> Option<Timestamp> {
        self.next
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
