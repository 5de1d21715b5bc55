//! The life of a task: PROVISIONING, PENDING, ACTIVATING, RUNNING and the way down to STOPPED.
//!
//! It decides nothing about services: it reports what became of the task, and others draw conclusions.

use jiff::Timestamp;

use crate::{
    ecs::{
        knobs::Knobs,
        world::{
            task::{Container, Fitness, Moment, Stop, StopCode, Task, TaskStatus},
            time::after,
        },
    },
    image::{Behaviour, PulledImage},
};

/// Pulls the image of a container: its name, then the image.
pub(crate) type Pull<'a> = dyn Fn(&str, &str) -> Result<PulledImage, String> + 'a;

/// The shortest phase of a start, so that a task that fails at once does not fail again at the same instant.
const SHORTEST: f64 = 0.001;

/// The exit code of a container that was killed. One that ends so by itself had too little memory.
const KILLED: i32 = 137;

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its images were pulled.
    Pulled,
    /// It is RUNNING.
    Ran,
    /// It stopped before it was RUNNING.
    FailedToStart,
    TurnedHealthy,
    TurnedUnhealthy,
    /// Its main container exited by itself.
    Exited,
}

/// Performs the earliest thing due for `task` until `at`: `None` if there was none, `Some(None)` if nobody
/// else need know.
#[expect(
    clippy::option_option,
    reason = "the outer one says whether anything happened, the inner one whether it matters"
)]
pub(crate) fn advance(task: &mut Task, at: Timestamp, knobs: &Knobs, pull: &Pull<'_>) -> Option<Option<Outcome>> {
    let index = (0..task.agenda.len()).min_by_key(|index| task.agenda[*index].0)?;
    if task.agenda[index].0 > at {
        return None;
    }
    let (at, moment) = task.agenda.remove(index);
    Some(match moment {
        Moment::Pull => begin_pull(task, at, knobs, pull),
        Moment::Activate => activate(task, at, knobs),
        Moment::Run => run(task, at, knobs),
        Moment::TurnHealthy => turn(task, Fitness::Healthy, Outcome::TurnedHealthy),
        Moment::TurnUnhealthy => turn(task, Fitness::Unhealthy, Outcome::TurnedUnhealthy),
        Moment::Exit => exit(task, at, knobs),
        Moment::Drained => halt(task, at),
        Moment::Halted => halted(task, at, knobs),
        Moment::End => end(task, at),
    })
}

/// Begins a task's life.
pub(crate) fn begin(task: &mut Task, at: Timestamp, knobs: &Knobs) {
    task.agenda = vec![(after(at, (knobs.task_start / 4.0).max(SHORTEST)), Moment::Pull)];
}

/// Tells a task to stop. A task that was told before goes on as it was.
pub(crate) fn stop(task: &mut Task, at: Timestamp, knobs: &Knobs, stop: Stop) {
    if task.stopping {
        return;
    }
    task.stopping = true;
    task.stop = Some(stop);
    task.times.stopping = Some(at);
    task.agenda.clear();
    match task.last_status {
        TaskStatus::Running if task.watch.target.is_some() && knobs.drain > 0.0 => {
            enter(task, TaskStatus::Deactivating);
            task.agenda.push((after(at, knobs.drain), Moment::Drained));
        }
        TaskStatus::Running => {
            halt(task, at);
        }
        _ => give_back(task, at, knobs),
    }
}

/// The host is lost, and with it how the containers ended.
pub(crate) fn vanish(task: &mut Task, at: Timestamp, knobs: &Knobs, stop: Stop) {
    if task.stopping {
        return;
    }
    task.stopping = true;
    task.stop = Some(stop);
    task.times.stopping = Some(at);
    give_back(task, at, knobs);
}

fn begin_pull(task: &mut Task, at: Timestamp, knobs: &Knobs, pull: &Pull<'_>) -> Option<Outcome> {
    enter(task, TaskStatus::Pending);
    task.times.pull_started = Some(at);
    task.agenda.push((after(at, knobs.task_start / 2.0), Moment::Activate));
    for container in &mut task.containers {
        match pull(&container.name, &container.image) {
            Ok(pulled) => container.pulled = Some(pulled),
            Err(reason) => {
                container.reason = Some(reason.clone());
                task.start_failure = Some(reason);
                return None;
            }
        }
    }
    if let Some(reason) = uninitialised(task) {
        task.containers.iter_mut().for_each(|container| container.pulled = None);
        task.start_failure = Some(reason);
        return None;
    }
    Some(Outcome::Pulled)
}

/// Why the task's resources cannot be made: before any image is pulled, so that no container knows of it.
fn uninitialised(task: &Task) -> Option<String> {
    let reason = task.main_image()?.behaviour.fails_to_start.clone()?;
    reason.starts_with("ResourceInitializationError").then_some(reason)
}

fn activate(task: &mut Task, at: Timestamp, knobs: &Knobs) -> Option<Outcome> {
    if let Some(reason) = task.start_failure.clone() {
        return fail_to_start(task, at, knobs, reason);
    }
    enter(task, TaskStatus::Activating);
    task.times.pull_stopped = Some(at);
    task.agenda.push((after(at, knobs.task_start / 4.0), Moment::Run));
    None
}

/// The container runtime's words where a container's program is not in its image.
fn missing_program(task: &Task) -> Option<String> {
    let program = task.containers.iter().find_map(|container| container.missing_program.as_deref())?;
    Some(format!(
        "CannotStartContainerError: Error response from daemon: failed to create task for container: failed to create \
         shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \
         \"{program}\": stat {program}: no such file or directory: unknown"
    ))
}

fn run(task: &mut Task, at: Timestamp, knobs: &Knobs) -> Option<Outcome> {
    let behaviour = task.main_image().map(|image| image.behaviour.clone()).unwrap_or_default();
    if let Some(reason) = behaviour.fails_to_start.clone().or_else(|| missing_program(task)) {
        return fail_to_start(task, at, knobs, reason);
    }
    enter(task, TaskStatus::Running);
    task.times.started = Some(at);
    plan_health(task, at, knobs, &behaviour);
    if let Some(seconds) = exits_after(task, knobs, &behaviour) {
        task.agenda.push((after(at, seconds), Moment::Exit));
    }
    Some(Outcome::Ran)
}

/// Health checks decide where there are any; otherwise the task only has to run for a while.
fn plan_health(task: &mut Task, at: Timestamp, knobs: &Knobs, behaviour: &Behaviour) {
    let container = task.watch.container.map(|check| check.verdict_after);
    let target = task.watch.target.as_ref().map(|_| knobs.target_unhealthy);
    let Some(verdict) = [container, target].into_iter().flatten().reduce(f64::min) else {
        task.agenda.push((after(at, knobs.settle), Moment::TurnHealthy));
        return;
    };
    let patience = verdict.max(task.watch.grace);
    let in_time = behaviour.healthy_after.filter(|seconds| *seconds <= patience);
    if let Some(seconds) = in_time.filter(|seconds| behaviour.unhealthy_after.is_none_or(|end| *seconds < end)) {
        task.agenda.push((after(at, seconds), Moment::TurnHealthy));
    }
    let unhealthy = if in_time.is_some() {
        behaviour.unhealthy_after.map(|seconds| seconds.max(task.watch.grace))
    } else {
        Some(patience)
    };
    if let Some(seconds) = unhealthy {
        task.agenda.push((after(at, seconds), Moment::TurnUnhealthy));
    }
}

/// A one-off task whose command was overridden ends even if its image serves forever.
fn exits_after(task: &Task, knobs: &Knobs, behaviour: &Behaviour) -> Option<f64> {
    let is_one_off =
        task.deployment.is_none() && task.containers.get(task.main).is_some_and(|container| container.overridden);
    behaviour.exit_after.or(is_one_off.then_some(knobs.one_off_exit))
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of `advance`, where other moments have no outcome")]
fn turn(task: &mut Task, fitness: Fitness, outcome: Outcome) -> Option<Outcome> {
    task.fitness = fitness;
    task.version += 1;
    Some(outcome)
}

#[expect(clippy::unnecessary_wraps, reason = "an arm of `advance`, where other moments have no outcome")]
fn exit(task: &mut Task, at: Timestamp, knobs: &Knobs) -> Option<Outcome> {
    let code = task.main_image().map_or(0, |image| image.behaviour.exit_code);
    let main = task.main;
    for (index, container) in task.containers.iter_mut().enumerate() {
        container.exit_code = Some(if index == main { code } else { 0 });
        if index == main && code == KILLED {
            container.reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
        }
    }
    task.stop = Some(Stop {
        code: StopCode::EssentialContainerExited,
        reason: "Essential container in task exited".to_owned(),
    });
    task.stopping = true;
    task.times.stopping = Some(at);
    task.times.execution_stopped = Some(at);
    give_back(task, at, knobs);
    Some(Outcome::Exited)
}

#[expect(clippy::unnecessary_wraps, reason = "used in arms of `advance`, where other moments have no outcome")]
fn fail_to_start(task: &mut Task, at: Timestamp, knobs: &Knobs, reason: String) -> Option<Outcome> {
    let main = task.main;
    let is_told = |container: &&mut Container| container.reason.is_none() && container.pulled.is_some();
    if let Some(container) = task.containers.get_mut(main).filter(is_told) {
        container.reason = Some(reason.clone());
    }
    task.stop = Some(Stop { code: StopCode::TaskFailedToStart, reason });
    task.stopping = true;
    task.times.stopping = Some(at);
    give_back(task, at, knobs);
    Some(Outcome::FailedToStart)
}

fn halt(task: &mut Task, at: Timestamp) -> Option<Outcome> {
    enter(task, TaskStatus::Stopping);
    let needs = task.main_image().map_or(0.0, |image| image.behaviour.stops_after);
    task.agenda.push((after(at, needs.min(task.watch.stop_timeout)), Moment::Halted));
    None
}

/// The containers have stopped: by themselves, or killed after the stop time-out.
fn halted(task: &mut Task, at: Timestamp, knobs: &Knobs) -> Option<Outcome> {
    let needs = task.main_image().map_or(0.0, |image| image.behaviour.stops_after);
    let code = if needs > task.watch.stop_timeout { KILLED } else { 0 };
    for container in &mut task.containers {
        container.exit_code = Some(code);
    }
    task.times.execution_stopped = Some(at);
    give_back(task, at, knobs);
    None
}

fn give_back(task: &mut Task, at: Timestamp, knobs: &Knobs) {
    enter(task, TaskStatus::Deprovisioning);
    task.agenda = vec![(after(at, knobs.deprovision), Moment::End)];
}

fn end(task: &mut Task, at: Timestamp) -> Option<Outcome> {
    enter(task, TaskStatus::Stopped);
    task.times.stopped = Some(at);
    task.agenda.clear();
    None
}

fn enter(task: &mut Task, status: TaskStatus) {
    task.last_status = status;
    task.version += 1;
}
