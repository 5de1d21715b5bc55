//! What a drill has shown: what found the bad copy, how long that took, and how long until what served was back.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use towpath_core::{
    config::plain_duration,
    engine::Report,
    identifier::ComponentName,
    ledger::TimelineEntry,
    promotion::{Component, ComponentPhase, FailureKind, Outcome, RestoredBy},
    rollout::RolloutEnd,
};

use crate::plain::one_line;

/// What a drill has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Drill {
    /// Whether the bad copy was found and what served came back, proven.
    pub(crate) is_passed: bool,
    /// By component.
    pub(crate) components: Vec<Shown>,
}

/// What a drill has shown of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    /// The component.
    pub(crate) component: ComponentName,
    /// What found the bad copy, in words; nothing where nothing did.
    pub(crate) found_by: Option<String>,
    /// From when ECS took the bad copy until it was found, in seconds.
    pub(crate) found_after_seconds: Option<u64>,
    /// Who put back what served; nothing where it is not back.
    pub(crate) restored_by: Option<RestoredBy>,
    /// From when it was found until what served was proven again, in seconds.
    pub(crate) restored_after_seconds: Option<u64>,
}

/// Whether the report is about a drill that did what it is for.
pub(crate) fn is_passed(report: &Report) -> bool {
    let failures = report.state.failures();
    report.state.request.intent.is_drill()
        && report.outcome == Outcome::RolledBack
        && failures.into_iter().all(|failure| !matches!(failure.kind, FailureKind::Undetected | FailureKind::Declined))
}

/// What the drill has shown; nothing where the report is about something else.
pub(crate) fn drill(report: &Report) -> Option<Drill> {
    let timeline = report.record.as_ref().map(|record| &*record.timeline).unwrap_or_default();
    let components = report.state.components.iter().map(|(name, component)| shown(name, component, timeline));
    let is_drill = report.state.request.intent.is_drill();
    is_drill.then(|| Drill { is_passed: is_passed(report), components: components.collect() })
}

fn shown(name: &ComponentName, component: &Component, timeline: &[TimelineEntry]) -> Shown {
    let at = |event: &str| timeline.iter().find(|entry| entry.event == event && entry.component.as_ref() == Some(name));
    let (began, found, back) = (at("update-accepted"), at("failed"), at("rolled-back"));
    let found_by = found_by(component);
    Shown {
        component: name.clone(),
        found_after_seconds: found_by.as_ref().and_then(|_| seconds(began?.at, found?.at)),
        found_by,
        restored_by: if let ComponentPhase::RolledBack { by } = &component.phase { Some(*by) } else { None },
        restored_after_seconds: found.zip(back).and_then(|(found, back)| seconds(found.at, back.at)),
    }
}

/// What found it. The words of ECS say which of its own means did: circuit breaker or alarm.
fn found_by(component: &Component) -> Option<String> {
    let failure = component.failure.as_ref()?;
    Some(match (failure.kind, &component.rollout) {
        (FailureKind::Undetected, _) => return None,
        (FailureKind::Smoke, _) => "a smoke check".to_owned(),
        (FailureKind::Digest, _) => "the proof by digest".to_owned(),
        (FailureKind::Rollout, Some(RolloutEnd::GivenUp { why })) => format!("Towpath's own watch: {why}"),
        (
            FailureKind::Rollout,
            Some(
                RolloutEnd::RolledBack { reason, .. }
                | RolloutEnd::Stopped { reason }
                | RolloutEnd::RollbackFailed { reason },
            ),
        ) => format!("ECS: {}", one_line(reason)),
        (
            FailureKind::Rollout
            | FailureKind::Publishing
            | FailureKind::Registration
            | FailureKind::Update
            | FailureKind::Switch
            | FailureKind::Delivery
            | FailureKind::Declined
            | FailureKind::Credentials
            | FailureKind::Internal,
            _,
        ) => one_line(&failure.message),
    })
}

fn seconds(from: Timestamp, to: Timestamp) -> Option<u64> {
    u64::try_from(to.duration_since(from).as_millis()).ok().map(|milliseconds| milliseconds.div_ceil(1000))
}

impl Shown {
    /// The lines for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let name = &self.component;
        let after = |seconds: Option<u64>| {
            seconds
                .map(|seconds| format!(" after {}", plain_duration(Duration::from_secs(seconds))))
                .unwrap_or_default()
        };
        let found = match &self.found_by {
            Some(by) => format!("  found    {name}:{} by {by}", after(self.found_after_seconds)),
            None => format!("  found    {name}: not at all"),
        };
        let restored = self.restored_by.map(|by| {
            let by = match by {
                RestoredBy::Ecs => "ECS",
                RestoredBy::Towpath => "Towpath",
            };
            format!("  restored {name}:{} by {by}", after(self.restored_after_seconds))
        });
        [Some(found), restored].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found_by: Option<&str>, restored_by: Option<RestoredBy>, expected: &[&str]) {
        let shown = Shown {
            component: "api".parse().unwrap(),
            found_by: found_by.map(str::to_owned),
            found_after_seconds: found_by.map(|_| 42),
            restored_by,
            restored_after_seconds: restored_by.map(|_| 90),
        };
        assert_eq!(shown.lines(), expected);
    }

    #[test]
    fn what_found_it_and_who_put_it_back_are_said_with_their_times() {
        check(
            Some("a smoke check"),
            Some(RestoredBy::Towpath),
            &["  found    api: after 42s by a smoke check", "  restored api: after 1m30s by Towpath"],
        );
        check(None, None, &["  found    api: not at all"]);
    }

    #[test]
    fn times_are_whole_seconds_begun_and_never_negative() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(seconds(at("2026-03-02T09:00:00Z"), at("2026-03-02T09:00:01.2Z")), Some(2));
        assert_eq!(seconds(at("2026-03-02T09:00:01Z"), at("2026-03-02T09:00:00Z")), None);
    }
}
