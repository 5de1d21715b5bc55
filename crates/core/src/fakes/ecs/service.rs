//! One service: its rollouts, and what time makes of them.
//!
//! It shows nothing: `show` puts it into ECS's words.

use jiff::Timestamp;

use crate::{
    identifier::TaskDefinitionArn,
    rollout::{DeploymentConfiguration, ServiceDeploymentStatus, ServiceEvent, ServiceKey, Trip},
};

use super::rollout::{Outcome, Rollout, Step};

/// A service.
#[derive(Debug, Clone)]
pub(super) struct Service {
    pub(super) key: ServiceKey,
    pub(super) desired: u32,
    pub(super) is_deleted: bool,
    /// How ECS deploys it, where a test has said so.
    pub(super) configuration: Option<DeploymentConfiguration>,
    /// All rollouts there ever were, oldest first; never empty. The last one is the current one.
    pub(super) rollouts: Vec<Rollout>,
    /// The index of the last one that succeeded.
    pub(super) steady: usize,
    /// Newest first.
    pub(super) events: Vec<ServiceEvent>,
}

impl Service {
    /// A service that has been steady since then.
    pub(super) fn steady(key: ServiceKey, desired: u32, mut first: Rollout) -> Self {
        first.status = ServiceDeploymentStatus::Successful;
        first.finished_at = Some(first.created_at);
        let (is_deleted, rollouts) = (false, vec![first]);
        Self { key, desired, is_deleted, configuration: None, rollouts, steady: 0, events: Vec::new() }
    }

    pub(super) fn current(&self) -> &Rollout {
        &self.rollouts[self.rollouts.len() - 1]
    }

    pub(super) fn steady_one(&self) -> &Rollout {
        &self.rollouts[self.steady]
    }

    pub(super) fn is_steady(&self) -> bool {
        self.steady == self.rollouts.len() - 1
    }

    /// Whether ECS has gone back to the steady one, or is about to.
    pub(super) fn went_back(&self) -> bool {
        self.current().rolled_back_to.is_some()
    }

    /// The task definition that the service is set to.
    pub(super) fn task_definition(&self) -> &TaskDefinitionArn {
        let set = if self.went_back() { self.steady_one() } else { self.current() };
        &set.task_definition
    }

    /// Begins a rollout; one that is under way is superseded.
    pub(super) fn begin(&mut self, rollout: Rollout) {
        let at = rollout.created_at;
        let current = self.current_mut();
        if !current.status.is_final() {
            let is_rolling_back = current.status == ServiceDeploymentStatus::RollbackInProgress;
            let (failed, stopped) = (ServiceDeploymentStatus::RollbackFailed, ServiceDeploymentStatus::Stopped);
            current.status = if is_rolling_back { failed } else { stopped };
            current.finished_at = Some(at);
        }
        self.rollouts.push(rollout);
    }

    /// Lets happen what is due by then. `number` is the number of a rollout that somebody else may begin; whether it
    /// was used is returned.
    pub(super) fn settle(&mut self, now: Timestamp, number: u64) -> bool {
        let mut is_used = false;
        while let Some((step, at)) = self.due(now) {
            is_used |= step == Step::IsSuperseded;
            self.take(step, at, number);
        }
        is_used
    }

    fn due(&self, now: Timestamp) -> Option<(Step, Timestamp)> {
        let current = self.current();
        if self.desired == 0 && current.status == ServiceDeploymentStatus::InProgress {
            return Some((Step::Succeeds, current.created_at));
        }
        current.next_step().filter(|(_, at)| *at <= now)
    }

    fn take(&mut self, step: Step, at: Timestamp, number: u64) {
        match step {
            Step::Succeeds => self.succeed(at),
            Step::BeginsRollback => self.breaker_fires(at),
            Step::Pauses => self.current_mut().waits_since = Some(at),
            Step::EndsRollback => self.end(ServiceDeploymentStatus::RollbackSuccessful, at),
            Step::Stops => self.stop(at),
            Step::IsSuperseded => {
                let old = self.steady_one().task_definition.clone();
                self.begin(Rollout::begun(number, old, Outcome::default(), at));
            }
        }
    }

    fn succeed(&mut self, at: Timestamp) {
        self.end(ServiceDeploymentStatus::Successful, at);
        self.steady = self.rollouts.len() - 1;
        let deployment = self.current().deployment_id();
        self.say(at, &format!("(deployment {deployment}) deployment completed."));
        self.say(at, "has reached a steady state.");
    }

    fn breaker_fires(&mut self, at: Timestamp) {
        let deployment = self.current().deployment_id();
        let current = self.current_mut();
        current.reason = Some("Service deployment rolled back because the circuit breaker threshold was exceeded.");
        current.trip = Trip::CircuitBreaker;
        self.say(at, &format!("(deployment {deployment}) deployment failed: tasks failed to start."));
        self.go_back(at);
    }

    /// Begins to put the steady one back.
    pub(super) fn go_back(&mut self, at: Timestamp) {
        let back = self.steady_one().clone();
        let current = self.current_mut();
        current.status = ServiceDeploymentStatus::RollbackInProgress;
        current.rolled_back_to = Some(back.number);
        current.back_since = Some(at);
        self.say(at, &format!("rolling back to deployment {}.", back.deployment_id()));
    }

    fn stop(&mut self, at: Timestamp) {
        let deployment = self.current().deployment_id();
        self.current_mut().trip = Trip::CircuitBreaker;
        self.end(ServiceDeploymentStatus::Stopped, at);
        self.say(at, &format!("(deployment {deployment}) deployment failed: tasks failed to start."));
    }

    fn end(&mut self, status: ServiceDeploymentStatus, at: Timestamp) {
        let current = self.current_mut();
        current.status = status;
        current.finished_at = Some(at);
    }

    fn say(&mut self, at: Timestamp, words: &str) {
        let message = format!("(service {}) {words}", self.key.service);
        self.events.insert(0, ServiceEvent { at: Some(at), message });
    }

    pub(super) fn current_mut(&mut self) -> &mut Rollout {
        let last = self.rollouts.len() - 1;
        &mut self.rollouts[last]
    }
}
