//! What each piece of the evidence tells by itself.
//!
//! It weighs nothing: which of the findings are told, and in which order, is [`super::diagnose`]'s matter.

use crate::rollout::{Alarm, ServiceEvent, StoppedContainer, StoppedTask, TargetHealth};

use super::{CauseKind, Evidence, Facts, SeenTask, exits, select, text::one_line, words::recognise};

/// One thing that was seen and what it tells of.
pub(super) struct Finding {
    pub(super) kind: CauseKind,
    pub(super) source: Source,
    pub(super) because: String,
    pub(super) seen: u32,
}

/// Where it was seen. What is first says more of the same cause than what comes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Container,
    Task,
    Target,
    Event,
    Alarm,
    Deployment,
    Arithmetic,
}

impl Finding {
    fn once(kind: CauseKind, source: Source, because: &str) -> Self {
        Self { kind, source, because: one_line(because), seen: 1 }
    }
}

/// What the tasks of one sort tell.
pub(super) fn of_tasks(group: &SeenTask, facts: &Facts<'_>) -> Vec<Finding> {
    let task = &group.task;
    let finding = |kind, source, because| Finding { kind, source, because, seen: group.seen };
    let said = task.containers.iter().filter_map(|container| of_container(container, facts));
    let mut findings: Vec<Finding> = said.map(|(kind, because)| finding(kind, Source::Container, because)).collect();
    findings.extend(of_reason(task).map(|(kind, because)| finding(kind, Source::Task, because)));
    let is_named = findings.iter().any(|finding| !finding.kind.is_symptom());
    if !is_named && exits::ended_by_container(task) {
        let exit = exits::judge(task, facts.container, facts.document);
        findings.extend(exit.map(|exit| finding(exit.kind, Source::Container, with_duration(&exit.because, task))));
    }
    if findings.is_empty() && !select::is_routine(task) {
        findings.extend(task.reason.as_deref().map(|why| finding(CauseKind::Unknown, Source::Task, one_line(why))));
    }
    findings
}

/// What ECS says of a container; of its log only a line that no application writes.
fn of_container(container: &StoppedContainer, facts: &Facts<'_>) -> Option<(CauseKind, String)> {
    let who = exits::container_in_words(&container.name, facts.container, facts.document);
    let said = |text: &str| one_line(&format!("{who}: {text}"));
    if let Some(line) = cannot_be_executed(container) {
        return Some((CauseKind::WrongArchitecture, said(line)));
    }
    let reason = container.reason.as_deref()?;
    Some((recognise(reason).unwrap_or(CauseKind::Unknown), said(reason)))
}

/// What the runtime writes into the log where the image is for another processor.
fn cannot_be_executed(container: &StoppedContainer) -> Option<&String> {
    let is_by_runtime = |line: &&String| line.starts_with("exec ") || line.starts_with("standard_init_linux");
    let mut lines = container.log.iter().rev().filter(is_by_runtime);
    lines.find(|line| line.contains("exec format error")).filter(|_| container.exit_code != Some(0))
}

fn of_reason(task: &StoppedTask) -> Option<(CauseKind, String)> {
    let (code, reason) = (task.stop_code.as_deref(), task.reason.as_deref());
    let kind = match code {
        Some("SpotInterruption" | "TerminationNotice" | "InfrastructureHealth") => CauseKind::SpotOrInfrastructure,
        Some("UserInitiated") => CauseKind::StoppedByHand,
        Some(_) | None if select::is_routine(task) => return None,
        Some(_) | None => recognise(reason?)?,
    };
    Some((kind, one_line(&joined([code, reason]))))
}

fn joined(texts: [Option<&str>; 2]) -> String {
    texts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn with_duration(because: &str, task: &StoppedTask) -> String {
    match (task.started_at, task.stopped_at) {
        (Some(started), Some(stopped)) if stopped >= started => {
            let seconds = stopped.duration_since(started).as_secs();
            one_line(&format!("{because} ({seconds} s after the task began to run)"))
        }
        _ => one_line(because),
    }
}

pub(super) fn of_target(target: &TargetHealth) -> Option<Finding> {
    let words = joined([target.reason.as_deref(), target.description.as_deref()]);
    let kind = match target.state.as_str() {
        "unhealthy" => recognise(&words).unwrap_or(CauseKind::HealthCheckFailed),
        "unused" => CauseKind::TargetUnused,
        _ => return None,
    };
    let port = target.port.map(|port| format!(" port {port}")).unwrap_or_default();
    let words = if words.is_empty() { "the load balancer does not say why" } else { &words };
    let because = format!("the target {}{port} is {}: {words}", target.target, target.state);
    Some(Finding::once(kind, Source::Target, &because))
}

/// Most events tell of work going on; only those that tell of trouble count, with or without known words.
pub(super) fn of_event(event: &ServiceEvent) -> Option<Finding> {
    let trouble = ["unable", "could not", "fail", "throttled", "unhealthy", "not healthy", "misconfigured"];
    if !trouble.iter().any(|word| event.message.contains(word)) {
        return None;
    }
    let kind = recognise(&event.message).unwrap_or(CauseKind::Unknown);
    Some(Finding::once(kind, Source::Event, &event.message))
}

pub(super) fn of_alarms<'a>(evidence: &'a Evidence, facts: &'a Facts<'_>) -> impl Iterator<Item = Finding> + 'a {
    evidence.alarms.iter().filter(|alarm| select::fired_since(alarm, facts)).map(of_alarm)
}

fn of_alarm(alarm: &Alarm) -> Finding {
    let reason = alarm.reason.as_deref().unwrap_or("CloudWatch gives no reason");
    Finding::once(CauseKind::Alarm, Source::Alarm, &format!("the alarm `{}` fires: {reason}", alarm.name))
}

pub(super) fn of_deployment(evidence: &Evidence) -> Option<Finding> {
    let goes_on = |reason: &&str| {
        reason.starts_with("ECS deployment") && (reason.ends_with("in progress.") || reason.ends_with("completed."))
    };
    let reason = evidence.reason.as_deref().filter(|reason| !goes_on(reason))?;
    Some(Finding::once(recognise(reason).unwrap_or(CauseKind::Unknown), Source::Deployment, reason))
}

/// Older versions of ECS say nothing where the percentages leave no room; the numbers do.
pub(super) fn of_percentages(facts: &Facts<'_>) -> Option<Finding> {
    let (lower, upper) = (facts.minimum_healthy_percent?, facts.maximum_percent?);
    let desired = u64::from(facts.desired);
    let (least, most) = ((desired * u64::from(lower)).div_ceil(100), desired * u64::from(upper) / 100);
    if desired == 0 || least < desired || most > desired {
        return None;
    }
    let because = format!(
        "no task of ours was seen, and while all {desired} old tasks run none may be added (maximumPercent {upper} allows {most}) and none stopped (minimumHealthyPercent {lower} wants {least})"
    );
    Some(Finding::once(CauseKind::PercentDeadlock, Source::Arithmetic, &because))
}
