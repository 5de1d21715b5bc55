//! Properties of the diagnosis over arbitrary evidence: it never panics, never grows beyond bounds, and does not depend
//! on the order in which the evidence was gathered.

use jiff::Timestamp;
use proptest::{prelude::*, sample::select};

use crate::rollout::{Alarm, AlarmState, ServiceEvent, StoppedContainer, StoppedTask, TargetHealth};

use super::super::{Cause, Diagnosis, Evidence, recognise};
use super::support::{OURS, THEIRS, at, event, exited, revision, stage, target};

/// Arbitrary texts and, as often, ones that tell something.
fn text() -> impl Strategy<Value = String> {
    let known = select(vec![
        "CannotPullContainerError: not found",
        "OutOfMemoryError: Container killed due to memory usage",
        "Essential container in task exited",
        "Scaling activity initiated by (deployment ecs-svc/2222222222)",
        "Task failed ELB health checks in (target-group x)",
        "(service shop) (deployment ecs-svc/1111111111) deployment failed: alarm detected.",
        "(service shop) (task 00000000000000000000000000000001) failed container health checks.",
        "exec /api: exec format error",
    ]);
    prop_oneof![known.prop_map(str::to_owned), any::<String>(), "\\PC{0,3}[\u{0}-\u{1f}(): ]{0,5}\\PC{0,3}"]
}

fn code() -> impl Strategy<Value = Option<i32>> {
    prop_oneof![select(vec![None, Some(0), Some(1), Some(137), Some(143)]), any::<Option<i32>>()]
}

fn container() -> impl Strategy<Value = StoppedContainer> {
    let name =
        prop_oneof![select(vec!["api", "envoy", "aws-guardduty-agent"]).prop_map(str::to_owned), any::<String>()];
    let parts = (name, code(), proptest::option::of(text()), proptest::collection::vec(text(), 0..3));
    parts.prop_map(|(name, exit_code, reason, log)| StoppedContainer { name, exit_code, reason, log })
}

fn task() -> impl Strategy<Value = StoppedTask> {
    let stop_code = select(vec![
        None,
        Some("EssentialContainerExited"),
        Some("TaskFailedToStart"),
        Some("ServiceSchedulerInitiated"),
        Some("UserInitiated"),
    ]);
    let started_by = select(vec![None, Some(OURS), Some(THEIRS)]);
    let containers = proptest::collection::vec(container(), 0..4);
    let times = (proptest::option::of(-5..50i64), proptest::option::of(-5..50i64));
    let parts = (0..20u32, started_by, 1..3u32, stop_code, proptest::option::of(text()), times, containers);
    parts.prop_map(|(number, started_by, version, stop_code, reason, (started, stopped), containers)| StoppedTask {
        arn: exited(number, None).arn,
        started_by: started_by.map(str::to_owned),
        task_definition: revision(version),
        stop_code: stop_code.map(str::to_owned),
        reason,
        started_at: started.map(at),
        stopped_at: stopped.map(at),
        containers,
    })
}

fn health() -> impl Strategy<Value = TargetHealth> {
    let state = select(vec!["unhealthy", "healthy", "unused", "draining"]);
    (state, proptest::option::of(text()), proptest::option::of(text()))
        .prop_map(|(state, reason, description)| target(state, reason.as_deref(), description.as_deref()))
}

fn alarm() -> impl Strategy<Value = Alarm> {
    let state = prop_oneof![
        select(vec![AlarmState::Ok, AlarmState::Firing, AlarmState::InsufficientData]),
        text().prop_map(AlarmState::Unknown),
    ];
    let since = proptest::option::of(prop_oneof![(-5..50i64).prop_map(at), Just(Timestamp::MIN), Just(Timestamp::MAX)]);
    (select(vec!["errors", "latency"]), state, proptest::option::of(text()), since)
        .prop_map(|(name, state, reason, since)| Alarm { name: name.parse().unwrap(), state, reason, since })
}

fn events() -> impl Strategy<Value = Vec<ServiceEvent>> {
    proptest::collection::vec((-5..50i64, text()).prop_map(|(second, message)| event(second, &message)), 0..30)
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let tasks = proptest::collection::vec(task(), 0..8);
    let targets = proptest::collection::vec(health(), 0..4);
    let told = (proptest::option::of(text()), proptest::collection::vec(text(), 0..3));
    let alarms = proptest::collection::vec(alarm(), 0..4);
    (told, tasks, targets, alarms, events()).prop_map(|((reason, unasked), tasks, targets, alarms, events)| Evidence {
        reason,
        tasks,
        targets,
        alarms,
        events,
        unasked,
    })
}

/// Whether everything in it is short enough to be kept for ever.
fn is_bounded(diagnosis: &Diagnosis) -> bool {
    let short = |text: &str| text.chars().count() <= 1100;
    let causes = |cause: &Cause| short(&cause.because) && short(&cause.remedy);
    diagnosis.causes.len() <= 8
        && diagnosis.causes.iter().all(causes)
        && diagnosis.tasks.len() <= 3
        && diagnosis.events.len() <= 20
        && diagnosis.lines().iter().all(|line| line.chars().count() <= 2500 && !line.contains(['\n', '\r']))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_text_is_taken(text in any::<String>()) {
        let _any_kind = recognise(&text);
    }

    #[test]
    fn any_evidence_gives_a_bounded_diagnosis_that_can_be_stored(evidence in evidence()) {
        let diagnosis = stage().diagnose(&evidence);
        prop_assert!(is_bounded(&diagnosis), "{diagnosis:?}");
        prop_assert_eq!(diagnosis.headline().is_some(), !diagnosis.causes.is_empty());
        let stored = serde_json::to_string(&diagnosis).unwrap();
        prop_assert_eq!(serde_json::from_str::<Diagnosis>(&stored).unwrap(), diagnosis);
    }

    #[test]
    fn the_order_of_the_evidence_does_not_matter(evidence in evidence(), by in 0..7usize) {
        let mut other = evidence.clone();
        other.tasks.reverse();
        other.targets.reverse();
        other.alarms.reverse();
        other.events.reverse();
        let by = by.min(other.events.len());
        other.events.rotate_left(by);
        prop_assert_eq!(stage().diagnose(&evidence), stage().diagnose(&other));
    }

    #[test]
    fn the_order_of_a_tasks_containers_names_no_other_cause(evidence in evidence()) {
        let mut other = evidence.clone();
        for task in &mut other.tasks {
            task.containers.reverse();
        }
        prop_assert_eq!(stage().diagnose(&evidence).causes, stage().diagnose(&other).causes);
    }

    #[test]
    fn what_another_deployment_did_changes_nothing(evidence in evidence(), theirs in task()) {
        let theirs = StoppedTask { started_by: Some(THEIRS.to_owned()), ..theirs };
        let without_its_events = Evidence { events: Vec::new(), ..evidence };
        let mut other = without_its_events.clone();
        other.tasks.push(theirs);
        prop_assert_eq!(stage().diagnose(&without_its_events), stage().diagnose(&other));
    }
}
