//! What the simulator cannot know about ECS, or what a test wants otherwise, as values.
//!
//! It holds no behaviour. Times are in seconds of simulated time. Each member says where its default comes
//! from; *guess* means that no source states it and that a client should survive either value.

use serde::{Deserialize, Serialize};

use super::{
    actor::Actor,
    answer::AnswerEdit,
    choice::{
        GivenUpStatus, NoCandidate, OtherControllers, PreProductionStage, PrimaryDesired, Repeated, RollbackId,
        UnknownMembers, UpdatedConfiguration,
    },
    hook::ScriptedHook,
    shortage::Shortage,
    texts::Texts,
};
use crate::ecs::world::configuration::Bounds;

/// The settings of a simulated ECS.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Knobs {
    /// From the launch of a task to RUNNING: a quarter PROVISIONING, a half PENDING, a quarter ACTIVATING. Default 20.
    pub task_start: f64,
    /// How long a task without any health check runs before it counts as healthy. Default 40 (AWS's documentation).
    pub settle: f64,
    /// How long a load-balanced task drains before it is stopped: the deregistration delay. Default 30.
    pub drain: f64,
    /// How long a stopped task takes to give its resources back (DEPROVISIONING). Default 2.
    pub deprovision: f64,
    /// How long a load balancer takes to call a target unhealthy that never answers. Default 60 (two checks, 30 s apart).
    pub target_unhealthy: f64,
    /// When a one-off task whose command was overridden ends, unless its image says when. Default 5.
    pub one_off_exit: f64,
    /// How long a stopped task can be described. Default 3600 (AWS: at least an hour).
    pub stopped_tasks_stay: f64,
    /// From the creation of a service deployment to `IN_PROGRESS`. Default 0.14 (measured by others: 0.135 to 0.15).
    pub pending_to_in_progress: f64,
    /// From `STOP_REQUESTED` to `STOPPED`, and from `ROLLBACK_REQUESTED` to `ROLLBACK_IN_PROGRESS`. Default 0.28 (measured by others).
    pub stop_request: f64,
    /// The shortest time from `ROLLBACK_IN_PROGRESS` to `ROLLBACK_SUCCESSFUL`. Default 20 (measured by others: 24 with all old tasks still there).
    pub rollback_at_least: f64,
    /// How long a completely replaced deployment is still listed as INACTIVE. Default 0 (guess: it vanishes at once).
    pub inactive_deployments_stay: f64,
    /// The id of the deployment that a rollback makes PRIMARY. Default `old` (observed).
    pub rollback_id: RollbackId,
    /// How a service deployment ends when it should be rolled back and nothing ever completed. Default `stopped` (guess).
    pub no_candidate: NoCandidate,
    /// Whether `UpdateService` already answers with the new `currentServiceDeployment`. Default true (guess).
    pub update_shows_own_deployment: bool,
    /// Whether the circuit breaker counts a task that ran and exited without failing a health check. Default false (guess).
    pub count_running_exit: bool,
    /// The first pause after tasks that never ran; it doubles with each round. Default 120 (guess; three
    /// failures of a service of one task then take 7 minutes, others measured 8 to 12).
    pub backoff_start: f64,
    /// The longest pause after tasks that never ran. Default 1620 (AWS: 27 minutes).
    pub backoff_max: f64,
    /// Whether an update of `deploymentConfiguration` keeps the members it does not name. Default `merge` (guess).
    pub deployment_configuration: UpdatedConfiguration,
    /// How long `DescribeServices` lags behind. Default 0.
    pub describe_services_lag: f64,
    /// How long `ListServiceDeployments` and `DescribeServiceDeployments` lag behind. Default 0.
    pub service_deployments_lag: f64,
    /// How long `ListTasks` and `DescribeTasks` lag behind. Default 0.
    pub tasks_lag: f64,
    /// What happens to members of a task definition that the model does not have. Default `refuse`.
    pub unknown_members: UnknownMembers,
    /// How long a stage of a deployment that shifts traffic takes at least. Default 5 (guess).
    pub stage_time: f64,
    /// What `lifecycleStage` shows before a step of production traffic, for which the model has no value. Default `previous` (guess).
    pub pre_production_stage: PreProductionStage,
    /// How often the alarms of a deployment are looked at. Default 20 (one measurement by others: 21 from ALARM to rollback).
    pub alarm_look: f64,
    /// The bake time of a rolling deployment with alarms that names none. Default 240 (AWS: from the alarms, under 5 minutes).
    pub alarm_bake: f64,
    /// The least threshold of the circuit breaker's kind `BOUNDED_PERCENT`. Default 3 (AWS; 10 before 2024).
    pub breaker_least: u32,
    /// The greatest threshold of that kind. Default 200 (AWS).
    pub breaker_most: u32,
    /// After as many tasks that could not pull their images the circuit breaker trips, whatever its threshold; 0 for never. Default 3 (AWS).
    pub digest_attempts: u32,
    /// How long the old tasks stay after an early success with `DEFERRED` cleanup. Default 600 (AWS: up to two weeks).
    pub deferred_cleanup: f64,
    /// Texts that nobody has published.
    pub texts: Texts,
    /// How long a deleted service can be described as INACTIVE before it is MISSING. Default 3600 (AWS: it may be purged at any time).
    pub inactive_services_stay: f64,
    /// How service deployments of `CODE_DEPLOY` and `EXTERNAL` services are answered. Default `unsupported` (AWS's model allows it).
    pub other_controllers: OtherControllers,
    /// How long an INACTIVE task definition can still be deployed. Default 0 (AWS: up to 600).
    pub inactive_enforced_after: f64,
    /// Whether an INACTIVE task definition can be deregistered again. Default `accepted` (guess).
    pub deregister_twice: Repeated,
    /// Whether a pause that has ended can be continued again. Default `refused` (guess).
    pub continue_twice: Repeated,
    /// The status of a deployment that was given up. Default `active` (both were seen).
    pub given_up_status: GivenUpStatus,
    /// How long a deployment that was given up still reads as in progress. Default 0 (seen by others: for one read).
    pub given_up_shown_after: f64,
    /// What a new deployment shows as its desired count while its tasks are started in batches. Default `whole` (guess).
    pub primary_desired: PrimaryDesired,
    /// Whether percentages that leave no move are told in an event. Default true (older ECS told nothing).
    pub deadlock_event: bool,
    /// Times in which tasks cannot be placed.
    pub shortages: Vec<Shortage>,
    /// Whether calls are throttled by AWS's token buckets. Default false.
    pub throttle: bool,
    /// How long `DescribeServices` lags behind at each call in turn, so that reads can go backwards; empty means `describe_services_lag`.
    pub describe_services_lags: Vec<f64>,
    /// Which calls of `DescribeServices`, from 1, find every service MISSING.
    pub missing_services: Vec<u64>,
    /// Members of answers that are absent or strange.
    pub answers: Vec<AnswerEdit>,
    /// What others do meanwhile.
    pub actors: Vec<Actor>,
    /// What the functions of lifecycle hooks answer. Those that are not here answer `SUCCEEDED` after 2 seconds.
    pub hooks: Vec<ScriptedHook>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            task_start: 20.0,
            settle: 40.0,
            drain: 30.0,
            deprovision: 2.0,
            target_unhealthy: 60.0,
            one_off_exit: 5.0,
            stopped_tasks_stay: 3600.0,
            pending_to_in_progress: 0.14,
            stop_request: 0.28,
            rollback_at_least: 20.0,
            inactive_deployments_stay: 0.0,
            rollback_id: RollbackId::Old,
            no_candidate: NoCandidate::Stopped,
            update_shows_own_deployment: true,
            count_running_exit: false,
            backoff_start: 120.0,
            backoff_max: 1620.0,
            deployment_configuration: UpdatedConfiguration::Merge,
            describe_services_lag: 0.0,
            service_deployments_lag: 0.0,
            tasks_lag: 0.0,
            unknown_members: UnknownMembers::Refuse,
            stage_time: 5.0,
            pre_production_stage: PreProductionStage::Previous,
            alarm_look: 20.0,
            alarm_bake: 240.0,
            breaker_least: 3,
            breaker_most: 200,
            digest_attempts: 3,
            deferred_cleanup: 600.0,
            texts: Texts::default(),
            inactive_services_stay: 3600.0,
            other_controllers: OtherControllers::Unsupported,
            inactive_enforced_after: 0.0,
            deregister_twice: Repeated::Accepted,
            continue_twice: Repeated::Refused,
            given_up_status: GivenUpStatus::Active,
            given_up_shown_after: 0.0,
            primary_desired: PrimaryDesired::Whole,
            deadlock_event: true,
            shortages: Vec::new(),
            throttle: false,
            describe_services_lags: Vec::new(),
            missing_services: Vec::new(),
            answers: Vec::new(),
            actors: Vec::new(),
            hooks: Vec::new(),
        }
    }
}

impl Knobs {
    /// The bounds of the circuit breaker's bounded threshold.
    pub(crate) fn breaker_bounds(&self) -> Bounds {
        Bounds { least: self.breaker_least, most: self.breaker_most }
    }

    /// The longest lag of any read, in seconds.
    pub(crate) fn longest_lag(&self) -> f64 {
        let usual = self.describe_services_lag.max(self.service_deployments_lag).max(self.tasks_lag);
        self.describe_services_lags.iter().copied().fold(usual, f64::max)
    }
}
