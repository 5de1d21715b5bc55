//! The verdict on a rollout: bound to our own deployment, folded over what was observed, never to "stable".
//!
//! It asks nothing and waits for nothing. Whether the tasks that run have our digest is [`super::proof`]'s question.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{DeploymentId, ServiceDeploymentArn, ServiceRevisionArn, TaskDefinitionArn};

use super::{
    budget::GiveUp,
    observation::{
        Controller, Deployment, DeploymentStatus, RolloutState, ServiceDeployment, ServiceDeploymentStatus,
        ServiceSnapshot, Strategy, Trip,
    },
    pause::Pause,
};

/// How long a service deployment may take to appear in the listing before the classic model is believed instead.
const LISTING_LAG: Duration = Duration::from_mins(2);
/// How long old tasks may drain after the service deployment succeeded: ECS's default deregistration delay (300 s), its
/// default stop time-out (30 s) and a minute. Source: ECS and Elastic Load Balancing user guides.
const DRAIN_ALLOWANCE: Duration = Duration::from_secs(390);
/// How long a service may be missing from answers before it counts as deleted: answers flap.
const MISSING_ALLOWANCE: Duration = Duration::from_secs(30);
/// How long counts must stay right before they count as steady where ECS gives no rollout state.
const COUNTS_SETTLE: Duration = Duration::from_mins(1);

/// What is being waited for, and what has been seen of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// Our deployment.
    pub deployment: DeploymentId,
    /// What it runs.
    pub task_definition: TaskDefinitionArn,
    /// The primary deployment before ours.
    pub base: Option<DeploymentId>,
    /// The service deployments that were there before our call: never ours.
    pub seen_before: Vec<ServiceDeploymentArn>,
    /// When ECS accepted our call, by our clock.
    pub accepted_at: Timestamp,
    memory: Memory,
}

/// What must not be forgotten between two looks: reads may go backwards.
#[derive(Debug, Clone, Default, PartialEq)]
struct Memory {
    service_deployment: Option<ServiceDeploymentArn>,
    was_primary: bool,
    completed_reads: u32,
    failed_reads: u32,
    succeeded_at: Option<Timestamp>,
    missing_since: Option<Timestamp>,
    counts_right_since: Option<Timestamp>,
    /// Whether ECS gives our deployment a rollout state: then an answer without one is a gap and no other way of telling.
    has_rollout_state: bool,
    /// The deployment that ECS was seen to go back to, and its words: once that is complete, it says so no longer.
    going_back: Option<(DeploymentId, String)>,
}

/// What was read at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// When, by our clock.
    pub at: Timestamp,
    /// The service; `None` where ECS calls it missing.
    pub service: Option<ServiceSnapshot>,
    /// The service deployments.
    pub service_deployments: Listing,
}

/// What was asked about service deployments, and what came.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing {
    /// Nothing was asked this time: [`Watch::wants_more`] says when that would not do.
    NotAsked,
    /// ECS does not offer them, or the caller may not see them.
    NotOffered,
    /// These came.
    Came(Vec<ServiceDeployment>),
}

/// What a look amounts to.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a rollout whose verdict is not read is not watched"]
pub enum Verdict {
    /// Not over.
    Wait(Waiting),
    /// Not over: it waits at this hook for a word.
    Paused(Pause),
    /// Over.
    Ended(RolloutEnd),
}

/// Why there is no verdict yet, and so when to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// The service deployment, or the deployment itself, is not visible yet.
    NotVisible,
    /// Tasks are being started.
    Starting,
    /// All new tasks run; ECS has not closed the rollout.
    Settling,
    /// The rollout succeeded; old tasks are being drained.
    Draining,
    /// ECS waits on purpose before it calls the rollout a success.
    Baking,
    /// ECS waits at a hook for a word.
    Paused,
    /// ECS is rolling back or stopping: the end is near, and it is bad.
    Failing,
    /// ECS calls the service missing.
    Missing,
}

/// How a rollout ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RolloutEnd {
    /// ECS calls our deployment complete. The digests are not proven yet.
    Completed {
        /// Whether all old tasks were gone.
        drained: bool,
        /// Whether the service is one that succeeds before they are.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        early: bool,
    },
    /// ECS calls our deployment complete, but the service wants no tasks: nothing was exercised.
    Empty,
    /// ECS gave up our deployment and put another revision back.
    RolledBack {
        /// ECS's words.
        reason: String,
        /// The revision that ECS went back to, where it says so.
        to: Option<ServiceRevisionArn>,
    },
    /// ECS gave up our deployment and put nothing back.
    Stopped {
        /// ECS's words.
        reason: String,
    },
    /// ECS gave up our deployment and failed to put the old one back.
    RollbackFailed {
        /// ECS's words.
        reason: String,
    },
    /// We gave up our deployment before ECS did.
    GivenUp {
        /// Why.
        why: GiveUp,
    },
    /// Somebody else deployed over us.
    Superseded {
        /// What they deployed, where it can be seen.
        by: Option<TaskDefinitionArn>,
    },
    /// The service was deleted.
    Gone,
    /// Our call left no trace, though ECS had accepted it.
    NotApplied,
}

impl Watch {
    /// A watch over our deployment that ECS accepted at `accepted_at`.
    pub fn new(
        deployment: DeploymentId,
        task_definition: TaskDefinitionArn,
        base: Option<DeploymentId>,
        seen_before: Vec<ServiceDeploymentArn>,
        accepted_at: Timestamp,
    ) -> Self {
        Self { deployment, task_definition, base, seen_before, accepted_at, memory: Memory::default() }
    }

    /// Our service deployment, once it was seen.
    pub fn service_deployment(&self) -> Option<&ServiceDeploymentArn> {
        self.memory.service_deployment.as_ref()
    }

    /// Takes in what was read and says what it amounts to.
    pub fn judge(&mut self, look: &Look) -> Verdict {
        let Some(service) = &look.service else {
            return self.missing(look.at);
        };
        self.memory.missing_since = None;
        if service.primary().is_some_and(|primary| primary.id == self.deployment) {
            self.memory.was_primary = true;
        }
        let has_state = |ours: &Deployment| ours.rollout.is_some();
        self.memory.has_rollout_state |= service.deployment(&self.deployment).is_some_and(has_state);
        let listed = match &look.service_deployments {
            Listing::NotAsked => return Verdict::Wait(self.progress(service)),
            Listing::NotOffered => None,
            Listing::Came(all) => Some(all.as_slice()),
        };
        match listed.and_then(|all| self.ours(all).map(|ours| (ours, all))) {
            Some((ours, all)) => {
                self.memory.service_deployment = Some(ours.arn.clone());
                self.by_service_deployment(look.at, service, ours, all)
            }
            None if self.must_still_appear(look) => Verdict::Wait(Waiting::NotVisible),
            None => self.by_classic_model(look.at, service),
        }
    }

    /// Whether the service alone does not tell enough this time, so that the service deployments must be asked too.
    ///
    /// While a rolling deployment is in progress in the classic model, nothing has been decided: then it is enough to
    /// ask now and then. Strategies that shift traffic tell their stages and pauses only there.
    pub fn wants_more(&self, service: &ServiceSnapshot) -> bool {
        let is_rolling = matches!(service.controller, Controller::Ecs { strategy: Strategy::Rolling });
        let is_at_work =
            |primary: &Deployment| primary.id == self.deployment && primary.rollout == Some(RolloutState::InProgress);
        self.memory.service_deployment.is_none() || !is_rolling || !service.primary().is_some_and(is_at_work)
    }

    fn missing(&mut self, at: Timestamp) -> Verdict {
        let since = *self.memory.missing_since.get_or_insert(at);
        if elapsed(since, at) >= MISSING_ALLOWANCE {
            return Verdict::Ended(RolloutEnd::Gone);
        }
        Verdict::Wait(Waiting::Missing)
    }

    /// Ours among those listed: the one that was known as ours, else the newest that brings our revision.
    fn ours<'a>(&self, all: &'a [ServiceDeployment]) -> Option<&'a ServiceDeployment> {
        let known = self.memory.service_deployment.as_ref();
        let is_ours = |candidate: &&ServiceDeployment| {
            known == Some(&candidate.arn)
                || (!self.seen_before.contains(&candidate.arn)
                    && candidate.target.as_ref().is_some_and(|target| target.is_of(&self.deployment)))
        };
        all.iter()
            .filter(is_ours)
            .max_by_key(|candidate| (known == Some(&candidate.arn), candidate.created_at, &candidate.arn))
    }

    /// ECS offers service deployments, ours is not listed, and it is early: the listing lags. Or one is listed that does
    /// not say what it brings: it may be ours.
    fn must_still_appear(&self, look: &Look) -> bool {
        let Listing::Came(all) = &look.service_deployments else {
            return false;
        };
        let may_be_ours = |one: &ServiceDeployment| one.target.is_none() && !self.seen_before.contains(&one.arn);
        self.memory.service_deployment.is_some()
            || elapsed(self.accepted_at, look.at) < LISTING_LAG
            || all.iter().any(may_be_ours)
    }

    fn by_service_deployment(
        &mut self,
        at: Timestamp,
        service: &ServiceSnapshot,
        ours: &ServiceDeployment,
        all: &[ServiceDeployment],
    ) -> Verdict {
        let reason = || ours.reason.clone().unwrap_or_else(|| "ECS gives no reason".to_owned());
        match &ours.status {
            ServiceDeploymentStatus::Successful => self.succeeded(at, service, ours),
            ServiceDeploymentStatus::Stopped => Verdict::Ended(self.stopped(service, ours, all, reason())),
            ServiceDeploymentStatus::RollbackSuccessful => {
                Verdict::Ended(RolloutEnd::RolledBack { reason: reason(), to: ours.rolled_back_to.clone() })
            }
            ServiceDeploymentStatus::RollbackFailed => Verdict::Ended(RolloutEnd::RollbackFailed { reason: reason() }),
            ServiceDeploymentStatus::StopRequested
            | ServiceDeploymentStatus::RollbackRequested
            | ServiceDeploymentStatus::RollbackInProgress => Verdict::Wait(Waiting::Failing),
            ServiceDeploymentStatus::Pending
            | ServiceDeploymentStatus::InProgress
            | ServiceDeploymentStatus::Unknown(_) => match ours.pauses.iter().min_by_key(|pause| &pause.hook) {
                Some(pause) => Verdict::Paused(pause.clone()),
                None if ours.stage.as_deref() == Some("BAKE_TIME") => Verdict::Wait(Waiting::Baking),
                None => Verdict::Wait(self.progress(service)),
            },
        }
    }

    fn succeeded(&mut self, at: Timestamp, service: &ServiceSnapshot, ours: &ServiceDeployment) -> Verdict {
        if service.desired == 0 {
            return Verdict::Ended(RolloutEnd::Empty);
        }
        let since = *self.memory.succeeded_at.get_or_insert(at);
        let Some(primary) = service.primary() else {
            return Verdict::Wait(Waiting::NotVisible);
        };
        if primary.id != self.deployment {
            return self.not_primary(primary, Waiting::NotVisible);
        }
        let is_complete = primary.rollout == Some(RolloutState::Completed)
            || primary.rollout.is_none() && has_no_rollout_state(&service.controller);
        if is_complete || ours.early_success {
            return Verdict::Ended(RolloutEnd::Completed {
                drained: service.deployments.len() == 1,
                early: ours.early_success,
            });
        }
        if elapsed(since, at) >= DRAIN_ALLOWANCE {
            return Verdict::Ended(RolloutEnd::Completed { drained: false, early: false });
        }
        Verdict::Wait(Waiting::Draining)
    }

    /// Another deployment is primary: the base in a stale read, or a newer one of somebody else.
    fn not_primary(&self, primary: &Deployment, stale: Waiting) -> Verdict {
        if self.base.as_ref() == Some(&primary.id) {
            return Verdict::Wait(stale);
        }
        Verdict::Ended(RolloutEnd::Superseded { by: Some(primary.task_definition.clone()) })
    }

    fn stopped(
        &self,
        service: &ServiceSnapshot,
        ours: &ServiceDeployment,
        all: &[ServiceDeployment],
        reason: String,
    ) -> RolloutEnd {
        let is_newer = |other: &ServiceDeployment| {
            other.arn != ours.arn && !self.seen_before.contains(&other.arn) && other.created_at > ours.created_at
        };
        let primary = service.primary();
        let replaced =
            primary.is_some_and(|primary| primary.id != self.deployment && self.base.as_ref() != Some(&primary.id));
        let tripped = matches!(ours.triggered, Some(Trip::CircuitBreaker | Trip::Alarm));
        if !tripped && (replaced || all.iter().any(is_newer)) {
            return RolloutEnd::Superseded {
                by: primary.filter(|_| replaced).map(|primary| primary.task_definition.clone()),
            };
        }
        RolloutEnd::Stopped { reason }
    }

    fn progress(&self, service: &ServiceSnapshot) -> Waiting {
        match service.deployment(&self.deployment) {
            None => Waiting::NotVisible,
            Some(ours) if ours.running >= ours.desired && ours.desired > 0 => Waiting::Settling,
            Some(_) => Waiting::Starting,
        }
    }

    /// ECS without service deployments: `aws-sdk` older services, or no permission to list them.
    fn by_classic_model(&mut self, at: Timestamp, service: &ServiceSnapshot) -> Verdict {
        let Some(primary) = service.primary() else {
            return Verdict::Wait(Waiting::NotVisible);
        };
        if primary.id == self.deployment {
            return self.classic_primary(at, service, primary);
        }
        if is_rolling_back(primary) {
            self.memory.going_back = primary.reason.clone().map(|reason| (primary.id.clone(), reason));
        }
        let going_back = self.memory.going_back.as_ref().filter(|(id, _)| *id == primary.id).map(|(_, reason)| reason);
        if going_back.is_some() || (self.memory.was_primary && self.base.as_ref() == Some(&primary.id)) {
            return classic_rollback(primary, going_back.or(primary.reason.as_ref()));
        }
        if self.base.as_ref() == Some(&primary.id) {
            return if elapsed(self.accepted_at, at) < LISTING_LAG {
                Verdict::Wait(Waiting::NotVisible)
            } else {
                Verdict::Ended(RolloutEnd::NotApplied)
            };
        }
        Verdict::Ended(RolloutEnd::Superseded { by: Some(primary.task_definition.clone()) })
    }

    fn classic_primary(&mut self, at: Timestamp, service: &ServiceSnapshot, primary: &Deployment) -> Verdict {
        match primary.rollout {
            Some(RolloutState::Completed) => self.classic_completed(service),
            Some(RolloutState::Failed) => self.classic_failed(primary),
            Some(RolloutState::InProgress | RolloutState::Unknown(_)) => {
                self.memory.completed_reads = 0;
                Verdict::Wait(self.progress(service))
            }
            None if self.memory.has_rollout_state => {
                self.memory.completed_reads = 0;
                Verdict::Wait(self.progress(service))
            }
            None => self.by_counts(at, service, primary),
        }
    }

    /// Two reads in a row, since a single one may be stale.
    fn classic_completed(&mut self, service: &ServiceSnapshot) -> Verdict {
        self.memory.completed_reads += 1;
        if self.memory.completed_reads < 2 {
            return Verdict::Wait(Waiting::Settling);
        }
        if service.desired == 0 {
            return Verdict::Ended(RolloutEnd::Empty);
        }
        Verdict::Ended(RolloutEnd::Completed { drained: service.deployments.len() == 1, early: false })
    }

    /// A failed primary may be about to flip to a rollback: look three times before believing it.
    fn classic_failed(&mut self, primary: &Deployment) -> Verdict {
        self.memory.failed_reads += 1;
        if self.memory.failed_reads < 4 {
            return Verdict::Wait(Waiting::Failing);
        }
        let reason = primary.reason.clone().unwrap_or_else(|| "ECS gives no reason".to_owned());
        Verdict::Ended(RolloutEnd::Stopped { reason })
    }

    fn by_counts(&mut self, at: Timestamp, service: &ServiceSnapshot, primary: &Deployment) -> Verdict {
        let right = service.deployments.len() == 1 && primary.running == service.desired && service.pending == 0;
        if !right {
            self.memory.counts_right_since = None;
            return Verdict::Wait(self.progress(service));
        }
        let since = *self.memory.counts_right_since.get_or_insert(at);
        if elapsed(since, at) < COUNTS_SETTLE {
            return Verdict::Wait(Waiting::Settling);
        }
        if service.desired == 0 {
            return Verdict::Ended(RolloutEnd::Empty);
        }
        Verdict::Ended(RolloutEnd::Completed { drained: true, early: false })
    }
}

/// Only rolling deployments have a rollout state; those that shift traffic succeed when the old tasks are gone.
fn has_no_rollout_state(controller: &Controller) -> bool {
    match controller {
        Controller::Ecs { strategy: Strategy::BlueGreen | Strategy::Linear | Strategy::Canary } => true,
        Controller::Ecs { strategy: Strategy::Rolling | Strategy::Unknown(_) }
        | Controller::CodeDeploy
        | Controller::External
        | Controller::Unknown(_) => false,
    }
}

fn is_rolling_back(primary: &Deployment) -> bool {
    primary.status == DeploymentStatus::Primary
        && primary.reason.as_deref().is_some_and(|reason| reason.contains("rolling back to deploymentId"))
}

/// ECS went back to the old deployment: wait until that is complete.
fn classic_rollback(primary: &Deployment, reason: Option<&String>) -> Verdict {
    let reason = reason.cloned();
    match primary.rollout {
        Some(RolloutState::Completed) => {
            let reason = reason.unwrap_or_else(|| "ECS rolled the deployment back".to_owned());
            Verdict::Ended(RolloutEnd::RolledBack { reason, to: None })
        }
        Some(RolloutState::Failed) => Verdict::Ended(RolloutEnd::RollbackFailed {
            reason: reason.unwrap_or_else(|| "ECS gives no reason".to_owned()),
        }),
        Some(RolloutState::InProgress | RolloutState::Unknown(_)) | None => Verdict::Wait(Waiting::Failing),
    }
}

fn elapsed(since: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(since)).unwrap_or_default()
}
