//! One rollout: what was to happen, and how far it is.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::{
    identifier::TaskDefinitionArn,
    rollout::{ServiceDeploymentStatus, Trip},
};

/// How long ECS takes to put the old revision back once the circuit breaker has fired.
const ROLLBACK_TAKES: Duration = Duration::from_secs(30);

/// How a rollout goes. Times count from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeds: tasks start one after the other, and the last one after that time.
    Succeeds {
        /// When.
        after: Duration,
    },
    /// No task starts; the circuit breaker fires and ECS rolls back, which takes half a minute more.
    BreakerRollsBack {
        /// When the breaker fires.
        after: Duration,
    },
    /// No task starts; the circuit breaker fires, and both revisions stay as they are.
    BreakerStops {
        /// When the breaker fires.
        after: Duration,
    },
    /// No task starts, and nothing ever ends it.
    Stalls,
    /// Tasks start, exit with 1 and are replaced, for ever; the circuit breaker does not count them.
    CrashLoops {
        /// How often one ends.
        every: Duration,
    },
    /// All tasks start, then it waits at a hook until it is answered; told to go on, it succeeds as much later.
    Pauses {
        /// When it begins to wait.
        after: Duration,
    },
    /// Somebody else deploys the old revision again, which succeeds a minute later.
    Superseded {
        /// When they deploy.
        after: Duration,
    },
}

impl Default for Outcome {
    fn default() -> Self {
        Self::Succeeds { after: Duration::from_mins(1) }
    }
}

/// A rollout and its service deployment.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    /// What its ids are made of.
    pub(super) number: u64,
    pub(super) task_definition: TaskDefinitionArn,
    pub(super) outcome: Outcome,
    pub(super) created_at: Timestamp,
    pub(super) status: ServiceDeploymentStatus,
    pub(super) finished_at: Option<Timestamp>,
    pub(super) reason: Option<&'static str>,
    pub(super) trip: Trip,
    /// The number of the rollout that it goes or went back to.
    pub(super) rolled_back_to: Option<u64>,
    /// Since when it has been going back.
    pub(super) back_since: Option<Timestamp>,
    /// Since when it waits at its hook.
    pub(super) waits_since: Option<Timestamp>,
    /// When it was told to go on.
    pub(super) told_at: Option<Timestamp>,
}

/// What a rollout comes to next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Succeeds,
    BeginsRollback,
    EndsRollback,
    Stops,
    IsSuperseded,
    Pauses,
}

impl Rollout {
    pub(super) fn begun(number: u64, task_definition: TaskDefinitionArn, outcome: Outcome, at: Timestamp) -> Self {
        Self {
            number,
            task_definition,
            outcome,
            created_at: at,
            status: ServiceDeploymentStatus::InProgress,
            finished_at: None,
            reason: None,
            trip: Trip::Nothing,
            rolled_back_to: None,
            back_since: None,
            waits_since: None,
            told_at: None,
        }
    }

    /// Whether it waits at its hook.
    pub(super) fn is_waiting(&self) -> bool {
        self.waits_since.is_some() && self.told_at.is_none() && self.status == ServiceDeploymentStatus::InProgress
    }

    /// When its tasks ended that ended so far.
    pub(super) fn crashes(&self, now: Timestamp) -> Vec<Timestamp> {
        let Outcome::CrashLoops { every } = self.outcome else {
            return Vec::new();
        };
        let until = self.back_since.or(self.finished_at).unwrap_or(now).min(now);
        let mut ends = std::iter::successors(Some(later(self.created_at, every)), |end| Some(later(*end, every)));
        std::iter::from_fn(|| ends.next().filter(|end| *end <= until)).take(100).collect()
    }

    /// What comes next, and when; nothing for what is over or stalls.
    pub(super) fn next_step(&self) -> Option<(Step, Timestamp)> {
        if self.status.is_final() {
            return None;
        }
        if let Some(since) = self.back_since {
            return Some((Step::EndsRollback, later(since, ROLLBACK_TAKES)));
        }
        let (step, after) = match self.outcome {
            Outcome::Succeeds { after } => (Step::Succeeds, after),
            Outcome::BreakerRollsBack { after } => (Step::BeginsRollback, after),
            Outcome::BreakerStops { after } => (Step::Stops, after),
            Outcome::Superseded { after } => (Step::IsSuperseded, after),
            Outcome::Pauses { after } => match (self.waits_since, self.told_at) {
                (None, _) => (Step::Pauses, after),
                (Some(_), Some(told)) => return Some((Step::Succeeds, later(told, after))),
                (Some(_), None) => return None,
            },
            Outcome::Stalls | Outcome::CrashLoops { .. } => return None,
        };
        Some((step, later(self.created_at, after)))
    }

    /// How many of so many tasks run by then.
    pub(super) fn running(&self, desired: u32, now: Timestamp) -> u32 {
        match self.outcome {
            _ if self.status == ServiceDeploymentStatus::Successful => desired,
            Outcome::Succeeds { after } | Outcome::Pauses { after } => self.share(desired, after, now),
            Outcome::BreakerRollsBack { .. }
            | Outcome::BreakerStops { .. }
            | Outcome::Stalls
            | Outcome::CrashLoops { .. }
            | Outcome::Superseded { .. } => 0,
        }
    }

    /// How many tasks have failed in a row by then: up to three, the least that fires the breaker.
    pub(super) fn failed(&self, now: Timestamp) -> u32 {
        match self.outcome {
            Outcome::BreakerRollsBack { after } | Outcome::BreakerStops { after } => self.share(3, after, now),
            Outcome::Succeeds { .. }
            | Outcome::Stalls
            | Outcome::Superseded { .. }
            | Outcome::CrashLoops { .. }
            | Outcome::Pauses { .. } => 0,
        }
    }

    /// The share of `all` that the time gone by is of `after`.
    fn share(&self, all: u32, after: Duration, now: Timestamp) -> u32 {
        let gone = Duration::try_from(now.duration_since(self.created_at)).unwrap_or_default();
        if gone >= after {
            return all;
        }
        let share = u128::from(all) * gone.as_millis() / after.as_millis().max(1);
        u32::try_from(share).unwrap_or(all).min(all)
    }
}

fn later(at: Timestamp, after: Duration) -> Timestamp {
    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
    at.saturating_add(after).unwrap_or(Timestamp::MAX)
}
