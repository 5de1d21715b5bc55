//! Tests of what the service around the tasks tells: events, targets, alarms, ECS's own verdict and the percentages.

use crate::rollout::{Alarm, AlarmState, ServiceEvent, StoppedTask, TargetHealth};

use super::super::{CauseKind as Kind, Evidence, Facts, diagnose};
use super::support::{OURS, THEIRS, at, event, exited, kinds, not_started, stage, stopped, target, tasks};

fn events(events: Vec<ServiceEvent>) -> Evidence {
    Evidence { events, ..Evidence::default() }
}

#[track_caller]
fn check(evidence: &Evidence, expected: &[Kind]) {
    let diagnosis = stage().diagnose(evidence);
    assert_eq!(kinds(&diagnosis), expected, "{:?}", diagnosis.causes);
}

const NO_ROOM: &str =
    "(service shop) was unable to place a task because no container instance met all of its requirements.";

#[test]
fn events_before_our_deployment_or_without_a_time_do_not_count() {
    check(&events(vec![event(0, NO_ROOM)]), &[Kind::Capacity]);
    check(&events(vec![event(-1, NO_ROOM)]), &[]);
    check(&events(vec![ServiceEvent { at: None, message: NO_ROOM.to_owned() }]), &[]);
}

#[test]
fn without_a_beginning_no_event_counts_and_that_is_said() {
    let stage = stage();
    let diagnosis = diagnose(&events(vec![event(5, NO_ROOM)]), &Facts { since: None, ..stage.facts() });
    assert_eq!((diagnosis.causes.len(), diagnosis.events.len()), (0, 0));
    assert_eq!(diagnosis.unasked, ["events: it is not known when our deployment began, so none of them counts"]);
}

#[test]
fn events_of_other_deployments_and_of_their_tasks_do_not_count() {
    let alarm = |id: &str| event(5, &format!("(service shop) (deployment {id}) deployment failed: alarm detected."));
    check(&events(vec![alarm(THEIRS)]), &[]);
    check(&events(vec![alarm(OURS)]), &[Kind::Alarm]);
    let old = StoppedTask { started_by: Some(THEIRS.to_owned()), ..exited(7, Some(1)) };
    let unhealthy = |task: &StoppedTask| {
        event(5, &format!("(service shop) (task {}) failed container health checks.", task.arn.short()))
    };
    check(&Evidence { tasks: vec![old.clone()], ..events(vec![unhealthy(&old)]) }, &[]);
    check(&events(vec![unhealthy(&exited(8, None))]), &[Kind::ContainerHealthCheck]);
}

#[test]
fn an_event_that_repeats_what_a_task_says_is_told_once_and_in_the_tasks_words() {
    let reason = "CannotPullContainerError: failed to resolve ref shop:v2: not found";
    let repeated = event(9, &format!("(service shop) was unable to place a task. Reason: {reason}."));
    let evidence = Evidence { events: vec![repeated], ..tasks(vec![not_started(1, reason)]) };
    check(&evidence, &[Kind::ImageNotFound]);
    assert_eq!(stage().diagnose(&evidence).causes[0].because, format!("TaskFailedToStart: {reason}"));
}

#[test]
fn how_a_health_check_fails_is_told_in_place_of_that_it_fails() {
    let task = stopped(1, "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:x)");
    let codes =
        target("unhealthy", Some("Target.ResponseCodeMismatch"), Some("Health checks failed with these codes: [503]"));
    let evidence = Evidence { targets: vec![codes], ..tasks(vec![task]) };
    check(&evidence, &[Kind::HealthCheckStatus]);
    let cause = &stage().diagnose(&evidence).causes[0];
    assert_eq!(
        cause.because,
        "the target 10.0.1.5 port 8080 is unhealthy: Target.ResponseCodeMismatch: Health checks failed with these codes: [503]"
    );
    assert!(cause.remedy.ends_with("; the grace period is 60 s"), "{}", cause.remedy);
}

#[test]
fn each_way_in_which_a_target_fails_has_its_cause() {
    let check = |health: TargetHealth, expected: &[Kind]| {
        check(&Evidence { targets: vec![health], ..Evidence::default() }, expected);
    };
    check(target("unhealthy", Some("Target.Timeout"), Some("Request timed out")), &[Kind::HealthCheckTimeout]);
    check(target("unhealthy", Some("Target.FailedHealthChecks"), Some("Health checks failed")), &[Kind::WrongPort]);
    check(target("unhealthy", None, None), &[Kind::HealthCheckFailed]);
    check(target("unused", Some("Target.NotInUse"), None), &[Kind::TargetUnused]);
    for fine in ["healthy", "initial", "draining", "something new"] {
        check(target(fine, Some("Target.Timeout"), None), &[]);
    }
}

#[test]
fn an_alarm_counts_where_it_fires_since_our_deployment_began() {
    let alarm = |state: AlarmState, since: Option<i64>| Evidence {
        alarms: vec![Alarm {
            name: "shop-5xx".parse().unwrap(),
            state,
            reason: Some("Threshold Crossed: 1 datapoint was greater than the threshold (5.0)".to_owned()),
            since: since.map(at),
        }],
        ..Evidence::default()
    };
    check(&alarm(AlarmState::Firing, Some(3)), &[Kind::Alarm]);
    check(&alarm(AlarmState::Firing, None), &[Kind::Alarm]);
    check(&alarm(AlarmState::Firing, Some(-3)), &[]);
    check(&alarm(AlarmState::Ok, Some(3)), &[]);
    check(&alarm(AlarmState::InsufficientData, Some(3)), &[]);
}

#[test]
fn that_ecs_gave_up_is_told_only_where_nothing_says_why() {
    let gave_up = "Service deployment rolled back because the circuit breaker threshold was exceeded.";
    let evidence = Evidence { reason: Some(gave_up.to_owned()), ..Evidence::default() };
    check(&evidence, &[Kind::NoSteadyState]);
    check(&Evidence { tasks: vec![exited(1, Some(1))], ..evidence }, &[Kind::Crash]);
}

#[test]
fn what_ecs_says_of_a_deployment_that_goes_on_is_no_cause() {
    let evidence = |reason: &str| Evidence { reason: Some(reason.to_owned()), ..Evidence::default() };
    check(&evidence("ECS deployment ecs-svc/2222222222 in progress."), &[]);
    check(&evidence("ECS deployment ecs-svc/2222222222 completed."), &[]);
    check(&evidence("ECS deployment circuit breaker: tasks failed to start."), &[Kind::NoSteadyState]);
    check(&evidence("ECS deployment struck by lightning."), &[Kind::Unknown]);
}

#[test]
fn causes_come_the_most_telling_first() {
    let missing = "ResourceInitializationError: unable to pull secrets or registry auth: retrieved secret from Secrets Manager did not contain json key A";
    let evidence =
        Evidence { events: vec![event(1, NO_ROOM)], ..tasks(vec![exited(1, Some(1)), not_started(2, missing)]) };
    check(&evidence, &[Kind::SecretMissing, Kind::Crash, Kind::Capacity]);
}

#[test]
fn percentages_that_leave_no_room_are_computed_where_nothing_was_seen() {
    let stage = stage();
    let check = |desired, lower, upper, expected: &[Kind]| {
        let facts =
            Facts { desired, minimum_healthy_percent: Some(lower), maximum_percent: Some(upper), ..stage.facts() };
        assert_eq!(kinds(&diagnose(&Evidence::default(), &facts)), expected, "{desired} {lower} {upper}");
    };
    check(1, 100, 100, &[Kind::PercentDeadlock]);
    check(1, 100, 134, &[Kind::PercentDeadlock]);
    check(1, 50, 150, &[Kind::PercentDeadlock]);
    check(3, 100, 125, &[Kind::PercentDeadlock]);
    check(1, 0, 100, &[]);
    check(1, 100, 200, &[]);
    check(2, 50, 100, &[]);
    check(4, 100, 125, &[]);
    check(0, 100, 100, &[]);
    check(u32::MAX, u32::MAX, u32::MAX, &[]);
    let facts = Facts { desired: 1, maximum_percent: Some(100), ..stage.facts() };
    assert_eq!(kinds(&diagnose(&tasks(vec![exited(1, Some(1))]), &facts)), [Kind::Crash]);
}

#[test]
fn a_denied_secret_names_the_role_that_is_denied() {
    let denied = "ResourceInitializationError: unable to retrieve secret from asm: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue";
    let stage = stage();
    let remedy = |facts: &Facts<'_>| diagnose(&tasks(vec![not_started(1, denied)]), facts).causes.remove(0).remedy;
    assert!(remedy(&stage.facts()).ends_with("; the execution role is arn:aws:iam::123456789012:role/exec"));
    assert!(remedy(&Facts { document: None, ..stage.facts() }).ends_with("a key of your own"));
}
