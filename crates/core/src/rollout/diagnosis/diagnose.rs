//! From what was seen to named causes.
//!
//! It never guesses: a cause has its evidence beside it, and what has no known words is told as it is.

use std::collections::BTreeMap;

use crate::rollout::{ServiceEvent, StoppedContainer, StoppedTask, TargetHealth};

use super::{
    Cause, CauseKind, Diagnosis, Evidence, Facts, SeenTask, exits, select,
    text::{one_line, without_ids},
    words::recognise,
};

/// How many causes are told, and how many of one kind.
const CAUSES: usize = 8;
const OF_A_KIND: usize = 2;
/// From how many ends on a crash is a loop.
const LOOP: u32 = 3;

/// One thing that was seen and what it tells of.
struct Finding {
    kind: CauseKind,
    source: Source,
    because: String,
    seen: u32,
}

/// Where it was seen. What is first says more of the same cause than what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Container,
    Task,
    Target,
    Event,
    Alarm,
    Deployment,
    Arithmetic,
}

/// Names the causes of a rollout that ended badly.
///
/// Only tasks of our deployment and events since it began count. The order of the evidence does not matter.
pub fn diagnose(evidence: &Evidence, facts: &Facts<'_>) -> Diagnosis {
    let groups = select::groups(evidence, facts);
    let events = select::events(evidence, facts);
    let targets = select::kept_targets(&evidence.targets);
    let mut findings: Vec<Finding> = groups.iter().flat_map(|group| of_task(group, facts)).collect();
    findings.extend(targets.iter().filter_map(of_target));
    findings.extend(events.iter().filter_map(|event| of_event(event)));
    findings.extend(of_alarms(evidence, facts));
    findings.extend(of_deployment(evidence));
    findings.extend(of_percentages(&findings, &groups, facts));
    Diagnosis {
        causes: causes(findings, facts),
        targets,
        alarms: select::kept_alarms(&evidence.alarms),
        events: select::kept_events(&events),
        unasked: select::kept_unasked(evidence, facts),
        tasks: select::kept_tasks(groups),
    }
}

fn of_task(group: &SeenTask, facts: &Facts<'_>) -> Vec<Finding> {
    let task = &group.task;
    let finding = |kind, source, because| Finding { kind, source, because, seen: group.seen };
    let by_container = task.containers.iter().filter_map(|container| of_container(container, facts));
    let mut findings: Vec<Finding> =
        by_container.map(|(kind, because)| finding(kind, Source::Container, because)).collect();
    findings.extend(of_reason(task).map(|(kind, because)| finding(kind, Source::Task, because)));
    let is_named = findings.iter().any(|finding| !finding.kind.is_symptom());
    if exits::ended_by_container(task) && !is_named {
        let exit = exits::judge(task, facts.container, facts.document);
        findings.extend(exit.map(|exit| finding(exit.kind, Source::Container, with_duration(exit.because, task))));
    }
    if findings.is_empty() && !is_routine(task) {
        findings
            .extend(task.reason.as_deref().map(|reason| finding(CauseKind::Unknown, Source::Task, one_line(reason))));
    }
    findings
}

/// A container's own words: ECS's reason, or the one line of a log that no application writes.
fn of_container(container: &StoppedContainer, facts: &Facts<'_>) -> Option<(CauseKind, String)> {
    let said = |text: &str| format!("{}: {}", exits::of(&container.name, facts.container), one_line(text));
    if let Some(reason) = &container.reason {
        return Some((recognise(reason)?, said(reason)));
    }
    let cannot_run = |line: &&String| {
        (line.starts_with("exec ") || line.starts_with("standard_init_linux")) && line.contains("exec format error")
    };
    let line = container.log.iter().rev().find(cannot_run).filter(|_| container.exit_code != Some(0))?;
    Some((CauseKind::WrongArchitecture, said(line)))
}

fn of_reason(task: &StoppedTask) -> Option<(CauseKind, String)> {
    let told = || {
        one_line(
            &[task.stop_code.as_deref(), task.reason.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": "),
        )
    };
    match task.stop_code.as_deref() {
        Some("SpotInterruption" | "TerminationNotice" | "InfrastructureHealth") => {
            Some((CauseKind::SpotOrInfrastructure, told()))
        }
        Some("UserInitiated") => Some((CauseKind::StoppedByHand, told())),
        _ if is_routine(task) => None,
        _ => recognise(task.reason.as_deref()?).map(|kind| (kind, told())),
    }
}

/// Whether a task ended as tasks do that ECS needs no longer, or says no more than that a container ended.
fn is_routine(task: &StoppedTask) -> bool {
    let reason = task.reason.as_deref().unwrap_or_default();
    ["Scaling activity initiated by", "Essential container in task exited"]
        .iter()
        .any(|words| reason.starts_with(words))
}

fn with_duration(because: String, task: &StoppedTask) -> String {
    match (task.started_at, task.stopped_at) {
        (Some(started), Some(stopped)) if stopped >= started => {
            format!("{because}, {} s after it began to run", stopped.duration_since(started).as_secs())
        }
        _ => because,
    }
}

fn of_target(target: &TargetHealth) -> Option<Finding> {
    let words =
        [target.reason.as_deref(), target.description.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let kind = match target.state.as_str() {
        "unhealthy" => recognise(&words).unwrap_or(CauseKind::HealthCheckFailed),
        "unused" => CauseKind::TargetUnused,
        _ => return None,
    };
    let port = target.port.map(|port| format!(" port {port}")).unwrap_or_default();
    let because = one_line(&format!("the target {}{port} is {}: {words}", target.target, target.state));
    Some(Finding { kind, source: Source::Target, because, seen: 1 })
}

fn of_event(event: &ServiceEvent) -> Option<Finding> {
    let is_trouble = |text: &str| {
        ["unable", "could not", "fail", "throttled", "unhealthy", "misconfigured", "not healthy"]
            .iter()
            .any(|word| text.contains(word))
    };
    let kind = recognise(&event.message).filter(|_| is_trouble(&event.message))?;
    Some(Finding { kind, source: Source::Event, because: one_line(&event.message), seen: 1 })
}

fn of_alarms(evidence: &Evidence, facts: &Facts<'_>) -> Vec<Finding> {
    let fired = evidence.alarms.iter().filter(|alarm| select::fired_since(alarm, facts));
    fired
        .map(|alarm| {
            let reason = alarm.reason.as_deref().unwrap_or("CloudWatch gives no reason");
            let because = one_line(&format!("the alarm `{}` fires: {reason}", alarm.name));
            Finding { kind: CauseKind::Alarm, source: Source::Alarm, because, seen: 1 }
        })
        .collect()
}

fn of_deployment(evidence: &Evidence) -> Option<Finding> {
    let reason = evidence.reason.as_deref()?;
    let kind = recognise(reason).unwrap_or(CauseKind::Unknown);
    Some(Finding { kind, source: Source::Deployment, because: one_line(reason), seen: 1 })
}

/// Older versions of ECS say nothing where the percentages leave no room; the numbers do.
fn of_percentages(findings: &[Finding], groups: &[SeenTask], facts: &Facts<'_>) -> Option<Finding> {
    let (lower, upper) = (facts.minimum_healthy_percent?, facts.maximum_percent?);
    let desired = u64::from(facts.desired);
    let (least, most) = ((desired * u64::from(lower)).div_ceil(100), desired * u64::from(upper) / 100);
    let has_room = desired == 0 || least < desired || most > desired;
    if has_room || !groups.is_empty() || findings.iter().any(|finding| !finding.kind.is_symptom()) {
        return None;
    }
    let because = format!(
        "of {desired} tasks wanted at least {least} must run (minimumHealthyPercent {lower}) and at most {most} may (maximumPercent {upper}), and no task of ours was seen"
    );
    Some(Finding { kind: CauseKind::PercentDeadlock, source: Source::Arithmetic, because, seen: 1 })
}

fn causes(mut findings: Vec<Finding>, facts: &Facts<'_>) -> Vec<Cause> {
    let crashes: u32 =
        findings.iter().filter(|finding| finding.kind == CauseKind::Crash).map(|finding| finding.seen).sum();
    let mut kinds: BTreeMap<CauseKind, BTreeMap<(Source, String), Finding>> = BTreeMap::new();
    for mut finding in findings.drain(..) {
        if finding.kind == CauseKind::Crash && crashes >= LOOP {
            finding.kind = CauseKind::CrashLoop;
        }
        let alike = kinds.entry(finding.kind).or_default();
        let key = (finding.source, without_ids(&finding.because));
        match alike.get_mut(&key) {
            Some(known) => known.take_in(finding),
            None => {
                alike.insert(key, finding);
            }
        }
    }
    let only_symptoms = kinds.keys().all(|kind| kind.is_symptom());
    let is_told = |kind: CauseKind| only_symptoms || !kind.is_symptom();
    let details = [
        CauseKind::ContainerHealthCheck,
        CauseKind::HealthCheckStatus,
        CauseKind::HealthCheckTimeout,
        CauseKind::WrongPort,
    ];
    let is_detailed = details.iter().any(|kind| kinds.contains_key(kind));
    kinds
        .into_iter()
        .filter(|(kind, _)| is_told(*kind) && !(is_detailed && *kind == CauseKind::HealthCheckFailed))
        .flat_map(|(_, alike)| of_a_kind(alike))
        .map(|finding| finding.cause(facts))
        .take(CAUSES)
        .collect()
}

/// The findings of the source that says most, those seen most often first.
fn of_a_kind(alike: BTreeMap<(Source, String), Finding>) -> Vec<Finding> {
    let Some(best) = alike.keys().map(|(source, _)| *source).min() else { return Vec::new() };
    let mut findings: Vec<Finding> = alike.into_values().filter(|finding| finding.source == best).collect();
    findings.sort_by(|one, other| other.seen.cmp(&one.seen).then_with(|| one.because.cmp(&other.because)));
    findings.truncate(OF_A_KIND);
    findings
}

impl Finding {
    /// Counts another of the same; the words that come first in the alphabet stay, whatever the order was.
    fn take_in(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        if other.because < self.because {
            self.because = other.because;
        }
    }

    fn cause(self, facts: &Facts<'_>) -> Cause {
        let because = if self.seen > 1 { format!("{} (seen {} times)", self.because, self.seen) } else { self.because };
        Cause { kind: self.kind, because, remedy: remedy(self.kind, facts) }
    }
}

/// The remedy, with what this service's task definition adds to it.
fn remedy(kind: CauseKind, facts: &Facts<'_>) -> String {
    let role = facts.document.and_then(|document| document.execution_role());
    let addition = match (kind, role) {
        (
            CauseKind::SecretDenied | CauseKind::ImagePullDenied | CauseKind::LogDenied | CauseKind::EnvironmentFile,
            Some(role),
        ) => {
            format!(" (the execution role is {role})")
        }
        (
            CauseKind::SecretDenied | CauseKind::ImagePullDenied | CauseKind::LogDenied | CauseKind::EnvironmentFile,
            None,
        ) if facts.document.is_some() => " (the task definition names no execution role)".to_owned(),
        (CauseKind::HealthCheckStatus | CauseKind::HealthCheckTimeout | CauseKind::HealthCheckFailed, _) => {
            format!(" (the grace period is {} s)", facts.grace_seconds)
        }
        _ => String::new(),
    };
    one_line(&format!("{}{addition}", kind.remedy()))
}
