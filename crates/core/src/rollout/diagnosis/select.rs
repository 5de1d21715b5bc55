//! What of the evidence is ours, and how much of it is kept.
//!
//! Nothing here depends on the order in which evidence was gathered.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use jiff::Timestamp;

use crate::rollout::{Alarm, AlarmState, ServiceEvent, StoppedContainer, StoppedTask, TargetHealth};

use super::{
    Evidence, Facts, SeenTask,
    text::{TEXT_LIMIT, clip, without_ids},
};

/// How many different tasks are kept.
const TASKS: usize = 3;
/// How many containers of a task are kept; ECS allows ten and adds some.
const CONTAINERS: usize = 16;
/// How many lines of a container's log are kept, and how many characters of a line and of all lines.
const LOG_LINES: usize = 50;
const LOG_LINE: usize = 500;
const LOG_BYTES: usize = 16 * 1024;
/// How many targets, alarms and things unasked are kept.
const OTHERS: usize = 10;
/// How many events are kept.
const EVENTS: usize = 20;

/// The tasks of our deployment that ended, one of each sort, newest first; those that ECS no longer wanted come last.
pub(super) fn groups(evidence: &Evidence, facts: &Facts<'_>) -> Vec<SeenTask> {
    let mut groups: BTreeMap<Sort, SeenTask> = BTreeMap::new();
    for task in ours(evidence, facts) {
        let group = groups.entry(sort(task)).or_insert_with(|| SeenTask { seen: 0, task: task.clone() });
        group.seen = group.seen.saturating_add(1);
        if age(task) > age(&group.task) {
            group.task = task.clone();
        }
    }
    let mut groups: Vec<SeenTask> = groups.into_values().collect();
    groups.sort_by(|one, other| rank(&one.task).cmp(&rank(&other.task)));
    groups
}

/// Our tasks, each once: whoever gathers while a rollout goes on may see one twice, and later with more about it.
fn ours<'a>(evidence: &'a Evidence, facts: &Facts<'_>) -> impl Iterator<Item = &'a StoppedTask> {
    let mut ours: BTreeMap<&str, &StoppedTask> = BTreeMap::new();
    for task in evidence.tasks.iter().filter(|task| is_ours(task, facts)) {
        let known = ours.entry(task.arn.as_str()).or_insert(task);
        if completeness(task) > completeness(known) {
            *known = task;
        }
    }
    ours.into_values()
}

/// How much is known of a task; the text tells apart what is known equally well.
fn completeness(task: &StoppedTask) -> (Option<Timestamp>, usize, usize, String) {
    let exits = task.containers.iter().filter(|container| container.exit_code.is_some()).count();
    let lines = task.containers.iter().map(|container| container.log.len()).sum();
    (task.stopped_at, exits, lines, format!("{task:?}"))
}

fn rank(task: &StoppedTask) -> (bool, Reverse<(Option<Timestamp>, &str)>) {
    (is_routine(task), Reverse(age(task)))
}

fn age(task: &StoppedTask) -> (Option<Timestamp>, &str) {
    (task.stopped_at, task.arn.as_str())
}

/// Whether ECS ended the task because it is not wanted any longer, as when it rolls back.
pub(super) fn is_routine(task: &StoppedTask) -> bool {
    task.reason.as_deref().is_some_and(|reason| reason.starts_with("Scaling activity initiated by"))
}

/// Whether our deployment started the task.
fn is_ours(task: &StoppedTask, facts: &Facts<'_>) -> bool {
    let is_late = facts.since.is_none_or(|since| task.stopped_at.is_none_or(|stopped| stopped >= since));
    let is_of_revision = facts.task_definition == Some(&task.task_definition);
    is_late
        && match (&task.started_by, facts.deployment) {
            (Some(by), Some(deployment)) => by == deployment.as_str(),
            (None, _) | (_, None) => is_of_revision,
        }
}

/// What makes two tasks alike: stop code, reason, and what is known of the containers, all without ids.
type Sort = (Option<String>, Option<String>, Vec<(String, Option<i32>, Option<String>)>);

fn sort(task: &StoppedTask) -> Sort {
    let text = |text: &Option<String>| text.as_deref().map(without_ids);
    let alike = |container: &StoppedContainer| (container.name.clone(), container.exit_code, text(&container.reason));
    let mut containers: Vec<_> = task.containers.iter().map(alike).collect();
    containers.sort();
    (task.stop_code.clone(), text(&task.reason), containers)
}

/// The events since our deployment began, oldest first, without those that are about another deployment or its tasks.
pub(super) fn events<'a>(evidence: &'a Evidence, facts: &Facts<'_>) -> Vec<&'a ServiceEvent> {
    let foreign: BTreeSet<&str> =
        evidence.tasks.iter().filter(|task| !is_ours(task, facts)).map(|task| task.arn.short()).collect();
    let is_since = |event: &ServiceEvent| matches!((event.at, facts.since), (Some(at), Some(since)) if at >= since);
    let mut events: Vec<&ServiceEvent> = evidence
        .events
        .iter()
        .filter(|event| is_since(event) && !is_of_another(&event.message, facts, &foreign))
        .collect();
    events.sort_by(|one, other| (one.at, &one.message).cmp(&(other.at, &other.message)));
    events.dedup();
    events
}

/// Whether an event speaks of a deployment that is not ours, or of a task that another one started.
fn is_of_another(message: &str, facts: &Facts<'_>, foreign: &BTreeSet<&str>) -> bool {
    let named =
        |opening: &str| message.split_once(opening).and_then(|(_, rest)| rest.split_once(')')).map(|(id, _)| id);
    let is_other_deployment =
        matches!((named("(deployment "), facts.deployment), (Some(id), Some(ours)) if id != ours.as_str());
    is_other_deployment || named("(task ").is_some_and(|id| foreign.contains(id))
}

/// Whether the alarm fires, and has not done so since before our deployment.
pub(super) fn fired_since(alarm: &Alarm, facts: &Facts<'_>) -> bool {
    let is_late = !matches!((alarm.since, facts.since), (Some(at), Some(since)) if at < since);
    alarm.state == AlarmState::Firing && is_late
}

/// The first three sorts of tasks with their texts cut.
pub(super) fn kept_tasks(groups: Vec<SeenTask>, facts: &Facts<'_>) -> Vec<SeenTask> {
    groups.into_iter().take(TASKS).map(|group| SeenTask { task: kept_task(group.task, facts), ..group }).collect()
}

fn kept_task(task: StoppedTask, facts: &Facts<'_>) -> StoppedTask {
    let containers =
        task.containers.into_iter().take(CONTAINERS).map(|container| kept_container(container, facts)).collect();
    StoppedTask {
        stop_code: short(task.stop_code),
        reason: short(task.reason),
        started_by: short(task.started_by),
        containers,
        ..task
    }
}

/// Of a container that ended well beside the component's own, the log tells nothing.
fn kept_container(container: StoppedContainer, facts: &Facts<'_>) -> StoppedContainer {
    let is_telling = container.exit_code != Some(0) || container.name == facts.container.as_str();
    StoppedContainer {
        name: clip(&container.name, TEXT_LIMIT),
        reason: short(container.reason),
        log: if is_telling { kept_log(&container.log) } else { Vec::new() },
        ..container
    }
}

/// The last lines.
fn kept_log(lines: &[String]) -> Vec<String> {
    let mut left = LOG_BYTES;
    let cut = lines.iter().rev().take(LOG_LINES).map(|line| clip(line, LOG_LINE));
    let mut kept: Vec<String> = cut
        .take_while(|line| {
            let fits = line.len() <= left;
            left = left.saturating_sub(line.len());
            fits
        })
        .collect();
    kept.reverse();
    kept
}

/// The targets that are not healthy, those that are unhealthy first.
pub(super) fn kept_targets(targets: &[TargetHealth]) -> Vec<TargetHealth> {
    let mut ill: Vec<TargetHealth> =
        targets.iter().filter(|target| target.state != "healthy").map(kept_target).collect();
    ill.sort_by_cached_key(|target| (target.state != "unhealthy", format!("{target:?}")));
    ill.dedup();
    ill.truncate(OTHERS);
    ill
}

fn kept_target(target: &TargetHealth) -> TargetHealth {
    TargetHealth {
        group: target.group.clone(),
        target: clip(&target.target, TEXT_LIMIT),
        port: target.port,
        state: clip(&target.state, TEXT_LIMIT),
        reason: short(target.reason.clone()),
        description: short(target.description.clone()),
    }
}

/// The alarms that are not OK, those that fire first.
pub(super) fn kept_alarms(alarms: &[Alarm]) -> Vec<Alarm> {
    let kept = |alarm: &Alarm| Alarm { reason: short(alarm.reason.clone()), ..alarm.clone() };
    let mut raised: Vec<Alarm> = alarms.iter().filter(|alarm| alarm.state != AlarmState::Ok).map(kept).collect();
    raised.sort_by_cached_key(|alarm| (alarm.state != AlarmState::Firing, format!("{alarm:?}")));
    raised.dedup();
    raised.truncate(OTHERS);
    raised
}

/// The last events, newest last.
pub(super) fn kept_events(events: &[&ServiceEvent]) -> Vec<ServiceEvent> {
    let skipped = events.len().saturating_sub(EVENTS);
    let cut = |event: &&ServiceEvent| ServiceEvent { at: event.at, message: clip(&event.message, TEXT_LIMIT) };
    events.iter().skip(skipped).map(cut).collect()
}

/// What could not be asked; also why no event counts.
pub(super) fn kept_unasked(evidence: &Evidence, facts: &Facts<'_>) -> Vec<String> {
    let mut unasked: BTreeSet<String> = evidence.unasked.iter().map(|text| clip(text, TEXT_LIMIT)).collect();
    if facts.since.is_none() && !evidence.events.is_empty() {
        unasked.insert("events: it is not known when our deployment began, so none of them counts".to_owned());
    }
    unasked.into_iter().take(OTHERS).collect()
}

fn short(text: Option<String>) -> Option<String> {
    text.map(|text| clip(&text, TEXT_LIMIT))
}
