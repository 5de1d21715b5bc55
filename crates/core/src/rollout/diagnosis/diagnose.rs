//! From what was seen to named causes: findings of the same are put together, and the most telling are told.
//!
//! It never guesses: a cause has its evidence beside it, and what has no known words is told as it is.

use std::{cmp::Reverse, collections::BTreeMap};

use crate::task_definition::Document;

use super::{
    Cause, CauseKind, Diagnosis, Evidence, Facts,
    findings::{self, Finding, Source},
    select,
    text::{one_line, without_ids},
};

/// How many causes are told, and how many of one kind.
const CAUSES: usize = 8;
const OF_A_KIND: usize = 2;
/// From how many ends on a crash is a loop.
const LOOP: u32 = 3;

/// The causes whose remedy is about health checks that come too early.
const ABOUT_TIME: [CauseKind; 3] =
    [CauseKind::HealthCheckStatus, CauseKind::HealthCheckTimeout, CauseKind::HealthCheckFailed];
/// The causes whose remedy is about the execution role.
const ABOUT_THE_EXECUTION_ROLE: [CauseKind; 4] =
    [CauseKind::SecretDenied, CauseKind::ImagePullDenied, CauseKind::LogDenied, CauseKind::EnvironmentFile];

/// The findings of each kind: those with the same words but for ids are one.
type ByKind = BTreeMap<CauseKind, BTreeMap<(Source, String), Finding>>;

/// Names the causes of a rollout that ended badly.
///
/// Only tasks of our deployment and events since it began count. The order of the evidence does not matter.
pub fn diagnose(evidence: &Evidence, facts: &Facts<'_>) -> Diagnosis {
    let groups = select::groups(evidence, facts);
    let events = select::events(evidence, facts);
    let targets = select::kept_targets(&evidence.targets);
    let mut found: Vec<Finding> = groups.iter().flat_map(|group| findings::of_tasks(group, facts)).collect();
    found.extend(targets.iter().filter_map(findings::of_target));
    found.extend(events.iter().filter_map(|event| findings::of_event(event)));
    found.extend(findings::of_alarms(evidence, facts));
    found.extend(findings::of_deployment(evidence));
    if groups.is_empty() && found.iter().all(|finding| finding.kind.is_symptom()) {
        found.extend(findings::of_percentages(facts));
    }
    Diagnosis {
        causes: causes(found, facts),
        targets,
        alarms: select::kept_alarms(&evidence.alarms),
        events: select::kept_events(&events),
        unasked: select::kept_unasked(evidence, facts),
        tasks: select::kept_tasks(groups, facts),
    }
}

fn causes(found: Vec<Finding>, facts: &Facts<'_>) -> Vec<Cause> {
    let by_kind = by_kind(found);
    let all_symptoms = by_kind.keys().all(|kind| kind.is_symptom());
    let details = [CauseKind::HealthCheckStatus, CauseKind::HealthCheckTimeout, CauseKind::WrongPort];
    let is_detailed = details.iter().any(|kind| by_kind.contains_key(kind));
    // A task's own words, known or not, say more than that the service did not become steady.
    let says_something = |source: &Source| matches!(source, Source::Container | Source::Task);
    let unknown = by_kind.get(&CauseKind::Unknown);
    let is_told = unknown.is_some_and(|alike| alike.keys().any(|(source, _)| says_something(source)));
    by_kind
        .into_iter()
        .filter(|(kind, _)| all_symptoms || !kind.is_symptom())
        .filter(|(kind, _)| !(is_told && *kind == CauseKind::NoSteadyState))
        .filter(|(kind, _)| !(is_detailed && *kind == CauseKind::HealthCheckFailed))
        .flat_map(|(_, alike)| of_a_kind(alike))
        .map(|finding| cause(finding, facts))
        .take(CAUSES)
        .collect()
}

fn by_kind(found: Vec<Finding>) -> ByKind {
    let crashes = found.iter().filter(|finding| finding.kind == CauseKind::Crash);
    let is_loop = crashes.fold(0, |sum: u32, crash| sum.saturating_add(crash.seen)) >= LOOP;
    let mut by_kind = ByKind::new();
    for mut finding in found {
        if is_loop && finding.kind == CauseKind::Crash {
            finding.kind = CauseKind::CrashLoop;
        }
        let key = (finding.source, without_ids(&finding.because));
        let alike = by_kind.entry(finding.kind).or_default();
        match alike.remove(&key) {
            Some(known) => alike.insert(key, both(known, finding)),
            None => alike.insert(key, finding),
        };
    }
    by_kind
}

/// Two that are alike but for ids, as one: with the words that come first in the alphabet, whatever the order was.
fn both(one: Finding, other: Finding) -> Finding {
    let seen = one.seen.saturating_add(other.seen);
    let first = if other.because < one.because { other } else { one };
    Finding { seen, ..first }
}

/// The findings of the source that says most, those seen most often first.
fn of_a_kind(alike: BTreeMap<(Source, String), Finding>) -> Vec<Finding> {
    let best = alike.keys().map(|(source, _)| *source).min();
    let mut findings: Vec<Finding> = alike.into_values().filter(|finding| Some(finding.source) == best).collect();
    findings.sort_by(|one, other| (Reverse(one.seen), &one.because).cmp(&(Reverse(other.seen), &other.because)));
    findings.truncate(OF_A_KIND);
    findings
}

fn cause(finding: Finding, facts: &Facts<'_>) -> Cause {
    let Finding { kind, because, seen, .. } = finding;
    let because = if seen > 1 { format!("{because} (seen {seen} times)") } else { because };
    Cause { kind, because, remedy: one_line(&format!("{}{}", kind.remedy(), addition(kind, facts))) }
}

/// What this service's task definition and settings add to the remedy.
fn addition(kind: CauseKind, facts: &Facts<'_>) -> String {
    if ABOUT_TIME.contains(&kind) {
        return format!("; the grace period is {} s", facts.grace_seconds);
    }
    if !ABOUT_THE_EXECUTION_ROLE.contains(&kind) {
        return String::new();
    }
    match facts.document.map(Document::execution_role) {
        None => String::new(),
        Some(None) => "; the task definition names no execution role".to_owned(),
        Some(Some(role)) => format!("; the execution role is {role}"),
    }
}
