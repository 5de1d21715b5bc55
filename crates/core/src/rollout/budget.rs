//! When a rollout is given up although ECS has not: tasks that end again and again, or that never start.
//!
//! A rollout that is slow is not given up: only what ended counts, never the time alone. What ECS's own circuit breaker
//! would do is left to it for a while. Sources: ECS developer guide, deployment circuit breaker (the threshold) and
//! service throttle logic (the back-off).

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identifier::{DeploymentId, TaskArn};

use super::{
    evidence::StoppedTask,
    observation::{Deployment, ServiceSnapshot},
};

/// How long ECS's circuit breaker, where it is on, is left to act by itself once enough tasks have failed.
const BREAKER_GRACE: Duration = Duration::from_mins(2);
/// How long nothing new may be seen of a rollout of which two tasks failed to start and none ever ran: ECS waits ever
/// longer before it tries again, and its breaker was seen to never fire then.
const STALL: Duration = Duration::from_mins(5);
/// How recent the last failure must be while all wanted tasks run: older, and the tasks that run have come to stay.
const RECENT: Duration = Duration::from_mins(3);
/// How long ECS may say that it can neither start nor stop a task before that is believed.
const DEADLOCK: Duration = Duration::from_mins(1);
/// ECS's words for that.
const DEADLOCK_WORDS: &str = "unable to stop or start tasks during a deployment";

/// The tasks of one deployment that failed, and what was seen of its progress.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    /// Tasks that ended before this do not count.
    since: Option<Timestamp>,
    failed: BTreeMap<TaskArn, Failed>,
    ever_ran: bool,
    enough_since: Option<Timestamp>,
    deadlocked_since: Option<Timestamp>,
    last_change: Option<(Progress, Timestamp)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Failed {
    did_run: bool,
    at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    running: u32,
    failed: usize,
}

/// Why a rollout is given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GiveUp {
    /// Tasks started and ended again.
    CrashLoop {
        /// How many.
        ended: u32,
    },
    /// No task ever ran.
    NeverStarts {
        /// How many failed to.
        failed: u32,
    },
    /// The service's percentages leave ECS no room to replace a task.
    Deadlock {
        /// How many tasks the service wants.
        desired: u32,
        /// `minimumHealthyPercent`, where shown.
        minimum: Option<u32>,
        /// `maximumPercent`, where shown.
        maximum: Option<u32>,
    },
    /// It took longer than it may, and the configuration says that it is to be put back then.
    TimedOut {
        /// How long it may take, in seconds.
        after_seconds: u64,
    },
}

impl std::fmt::Display for GiveUp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CrashLoop { ended } => write!(formatter, "its tasks start and end again: {ended} have ended so far"),
            Self::NeverStarts { failed } => write!(formatter, "none of its tasks ever ran: {failed} failed to start"),
            Self::Deadlock { desired, minimum, maximum } => {
                let shown =
                    |percent: &Option<u32>| percent.map_or("not shown".to_owned(), |percent| percent.to_string());
                write!(
                    formatter,
                    "ECS can neither start nor stop a task: with {desired} wanted, minimumHealthyPercent ({}) and maximumPercent ({}) leave no room",
                    shown(minimum),
                    shown(maximum)
                )
            }
            Self::TimedOut { after_seconds } => {
                write!(formatter, "it did not end within {after_seconds} s, and is to be put back then")
            }
        }
    }
}

impl Tally {
    /// A tally of a deployment that had tasks before: those that ended before this do not count.
    pub fn since(since: Timestamp) -> Self {
        Self { since: Some(since), ..Self::default() }
    }

    /// Takes in the tasks that ended; those of other deployments are none of its business.
    pub fn count(&mut self, deployment: &DeploymentId, tasks: &[StoppedTask]) {
        let since = self.since;
        let counts = |task: &&StoppedTask| {
            let is_late = since.is_none_or(|since| task.stopped_at.is_some_and(|stopped| stopped >= since));
            is_late && task.started_by.as_deref() == Some(deployment.as_str())
        };
        for task in tasks.iter().filter(counts) {
            self.ever_ran |= task.did_run();
            if tells_on_the_release(task) {
                self.failed.insert(task.arn.clone(), Failed { did_run: task.did_run(), at: task.stopped_at });
            }
        }
    }

    /// Whether that task is among those that failed.
    pub fn knows(&self, task: &TaskArn) -> bool {
        self.failed.contains_key(task)
    }

    /// How many tasks failed so far.
    pub fn failed(&self) -> u32 {
        u32::try_from(self.failed.len()).unwrap_or(u32::MAX)
    }

    /// Whether the rollout is to be given up at this look.
    pub fn judge(&mut self, at: Timestamp, service: &ServiceSnapshot, ours: &Deployment) -> Option<GiveUp> {
        self.ever_ran |= ours.running > 0;
        let since = self.changed(at, ours);
        if let Some(deadlock) = self.deadlock(at, service, ours) {
            return Some(deadlock);
        }
        let failed = self.failed();
        // A task that is being started may take its time; a stall is that none is.
        if !self.ever_ran && failed >= 2 && ours.pending == 0 && elapsed(since, at) >= STALL {
            return Some(GiveUp::NeverStarts { failed });
        }
        if failed < threshold(service.desired) || self.has_settled(at, ours) {
            self.enough_since = None;
            return None;
        }
        let enough_since = *self.enough_since.get_or_insert(at);
        let is_left_to_ecs = service.circuit_breaker.is_some_and(|breaker| breaker.is_on);
        if is_left_to_ecs && elapsed(enough_since, at) < BREAKER_GRACE {
            return None;
        }
        Some(if self.failed.values().any(|failed| failed.did_run) {
            GiveUp::CrashLoop { ended: failed }
        } else {
            GiveUp::NeverStarts { failed }
        })
    }

    /// Since when nothing has changed.
    fn changed(&mut self, at: Timestamp, ours: &Deployment) -> Timestamp {
        let now = Progress { running: ours.running, failed: self.failed.len() };
        match self.last_change {
            // Tasks that are being started come and go; only what runs and what failed is progress.
            Some((before, since)) if before == now => since,
            Some(_) | None => {
                self.last_change = Some((now, at));
                at
            }
        }
    }

    /// All wanted tasks run, and the last failure is long ago.
    fn has_settled(&self, at: Timestamp, ours: &Deployment) -> bool {
        let last = self.failed.values().filter_map(|failed| failed.at).max();
        ours.running >= ours.desired && last.is_some_and(|last| elapsed(last, at) >= RECENT)
    }

    fn deadlock(&mut self, at: Timestamp, service: &ServiceSnapshot, ours: &Deployment) -> Option<GiveUp> {
        let is_since_ours =
            |event: Option<Timestamp>| event.is_some_and(|event| ours.created_at.is_some_and(|ours| event >= ours));
        let says_so =
            service.events.iter().any(|event| is_since_ours(event.at) && event.message.contains(DEADLOCK_WORDS));
        if !says_so || ours.running > 0 || ours.pending > 0 {
            self.deadlocked_since = None;
            return None;
        }
        let since = *self.deadlocked_since.get_or_insert(at);
        (elapsed(since, at) >= DEADLOCK).then_some(GiveUp::Deadlock {
            desired: service.desired,
            minimum: service.minimum_healthy_percent,
            maximum: service.maximum_percent,
        })
    }
}

/// How many tasks must fail: what ECS's circuit breaker takes by default.
fn threshold(desired: u32) -> u32 {
    desired.div_ceil(2).clamp(3, 200)
}

/// Whether a task's end says something about what it ran, and not about scaling, people or the ground it ran on.
fn tells_on_the_release(task: &StoppedTask) -> bool {
    let reason = task.reason.as_deref().unwrap_or_default();
    match task.stop_code.as_deref() {
        Some("TaskFailedToStart") => !is_for_want_of_room(reason),
        Some("EssentialContainerExited") => true,
        Some("ServiceSchedulerInitiated") => reason.to_ascii_lowercase().contains("health check"),
        Some("UserInitiated" | "SpotInterruption" | "TerminationNotice" | "InfrastructureHealth") => false,
        Some(_) | None => task.containers.iter().any(|container| container.exit_code.is_some_and(|code| code != 0)),
    }
}

/// ECS's words where a task found no place: that passes, or is no fault of the release.
fn is_for_want_of_room(reason: &str) -> bool {
    let words = ["Capacity is unavailable", "RESOURCE:", "AGENT", "NO ACTIVE INSTANCES", "EMPTY CAPACITY PROVIDER"];
    words.iter().any(|words| reason.contains(words))
}

fn elapsed(since: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(since)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::{
        CircuitBreaker, DeploymentStatus, RolloutState, ServiceEvent,
        tests::{deployment, service},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    fn ended(number: u32, second: i64, code: &str, reason: &str, did_run: bool) -> StoppedTask {
        StoppedTask {
            arn: format!("arn:aws:ecs:us-west-2:111111111111:task/c/{number}").parse().unwrap(),
            started_by: Some("ecs-svc/2".to_owned()),
            task_definition: "arn:aws:ecs:us-west-2:111111111111:task-definition/api:2".parse().unwrap(),
            stop_code: Some(code.to_owned()),
            reason: Some(reason.to_owned()),
            started_at: did_run.then(|| at(second - 50)),
            stopped_at: Some(at(second)),
            containers: Vec::new(),
        }
    }

    fn crash(number: u32, second: i64) -> StoppedTask {
        ended(number, second, "EssentialContainerExited", "Essential container in task exited", true)
    }

    fn unpullable(number: u32, second: i64) -> StoppedTask {
        ended(number, second, "TaskFailedToStart", "CannotPullContainerError: not found", false)
    }

    fn rolling(running: u32) -> (ServiceSnapshot, Deployment) {
        let mut ours = deployment("ecs-svc/2", 2, Some(RolloutState::InProgress), running);
        ours.status = DeploymentStatus::Primary;
        ours.created_at = Some(at(0));
        (service(vec![ours.clone()]), ours)
    }

    /// What a look at that second says of a rollout of which so many run and these have ended.
    fn check(running: u32, second: i64, tasks: &[StoppedTask]) -> Option<GiveUp> {
        let (service, ours) = rolling(running);
        let mut tally = Tally::default();
        tally.count(&ours.id, tasks);
        tally.judge(at(second), &service, &ours)
    }

    #[test]
    fn three_crashes_of_a_small_service_are_a_loop() {
        assert_eq!(check(0, 200, &[crash(1, 60), crash(2, 120)]), None);
        assert_eq!(check(0, 200, &[crash(1, 60), crash(2, 120), crash(3, 180)]), Some(GiveUp::CrashLoop { ended: 3 }));
    }

    #[test]
    fn tasks_of_others_scaling_people_and_want_of_room_do_not_count() {
        let mut foreign = crash(4, 190);
        foreign.started_by = Some("ecs-svc/1".to_owned());
        let scaled =
            ended(5, 190, "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/2)", true);
        let stopped = ended(6, 190, "UserInitiated", "ada did it", true);
        let no_room = ended(7, 190, "TaskFailedToStart", "Capacity is unavailable at this time.", false);
        assert_eq!(check(0, 200, &[crash(1, 60), crash(2, 120), foreign, scaled, stopped, no_room]), None);
    }

    #[test]
    fn failed_health_checks_count() {
        let unhealthy = |number, second| {
            ended(
                number,
                second,
                "ServiceSchedulerInitiated",
                "Task failed ELB health checks in (target-group x)",
                true,
            )
        };
        let tasks = [unhealthy(1, 60), unhealthy(2, 120), unhealthy(3, 180)];
        assert_eq!(check(0, 200, &tasks), Some(GiveUp::CrashLoop { ended: 3 }));
    }

    #[test]
    fn what_has_recovered_is_not_given_up() {
        let tasks = [crash(1, 60), crash(2, 120), crash(3, 180)];
        assert_eq!(check(2, 500, &tasks), None);
        assert_eq!(check(2, 200, &tasks), Some(GiveUp::CrashLoop { ended: 3 }));
    }

    #[test]
    fn the_circuit_breaker_is_left_time_to_act() {
        let (mut service, ours) = rolling(0);
        service.circuit_breaker = Some(CircuitBreaker { is_on: true, rolls_back: true });
        let mut tally = Tally::default();
        tally.count(&ours.id, &[crash(1, 60), crash(2, 120), crash(3, 180)]);
        assert_eq!(tally.judge(at(200), &service, &ours), None);
        assert_eq!(tally.judge(at(300), &service, &ours), None);
        assert_eq!(tally.judge(at(320), &service, &ours), Some(GiveUp::CrashLoop { ended: 3 }));
    }

    #[test]
    fn two_that_cannot_start_and_then_nothing_for_long_is_a_stall() {
        let (mut service, ours) = rolling(0);
        service.circuit_breaker = Some(CircuitBreaker { is_on: true, rolls_back: true });
        let mut tally = Tally::default();
        tally.count(&ours.id, &[unpullable(1, 120), unpullable(2, 240)]);
        assert_eq!(tally.judge(at(250), &service, &ours), None);
        assert_eq!(tally.judge(at(540), &service, &ours), None);
        assert_eq!(tally.judge(at(551), &service, &ours), Some(GiveUp::NeverStarts { failed: 2 }));
    }

    #[test]
    fn slowness_alone_is_never_given_up() {
        let (service, ours) = rolling(0);
        let mut tally = Tally::default();
        for second in (0..86_400).step_by(600) {
            assert_eq!(tally.judge(at(second), &service, &ours), None);
        }
    }

    #[test]
    fn a_deadlock_is_believed_after_a_minute_and_names_both_numbers() {
        let (mut service, ours) = rolling(0);
        let message = "(service s) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";
        service.events = vec![ServiceEvent { at: Some(at(-5)), message: message.to_owned() }];
        let mut tally = Tally::default();
        assert_eq!(tally.judge(at(10), &service, &ours), None);
        assert_eq!(tally.judge(at(100), &service, &ours), None, "an event from before is none of ours");
        service.events[0].at = Some(at(101));
        assert_eq!(tally.judge(at(110), &service, &ours), None);
        let end = tally.judge(at(171), &service, &ours).unwrap();
        assert!(end.to_string().contains("minimumHealthyPercent (100) and maximumPercent (200)"), "{end}");
    }
}
