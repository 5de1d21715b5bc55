//! Tests of what tasks that ended tell: which of them count, which container was at fault, what its exit code means.

use crate::rollout::{StoppedContainer, StoppedTask};

use super::super::{CauseKind as Kind, Evidence, Facts, diagnose, exit_code_in_words};
use super::support::{THEIRS, at, container, exited, kinds, not_started, revision, stage, stopped, tasks};

#[track_caller]
fn check(task: &StoppedTask, expected: &[Kind]) {
    let diagnosis = stage().diagnose(&tasks(vec![task.clone()]));
    assert_eq!(kinds(&diagnosis), expected, "{task:?}\n{:?}", diagnosis.causes);
}

/// A task that ended by a container, with these exit codes.
fn with(containers: &[(&str, Option<i32>)]) -> StoppedTask {
    StoppedTask {
        containers: containers.iter().map(|(name, code)| container(name, *code)).collect(),
        ..exited(1, None)
    }
}

#[track_caller]
fn check_containers(containers: &[(&str, Option<i32>)], kind: Kind, because: &str) {
    let diagnosis = stage().diagnose(&tasks(vec![with(containers)]));
    assert_eq!(kinds(&diagnosis), [kind], "{containers:?}");
    let told = diagnosis.causes[0].because.trim_end_matches(" (12 s after the task began to run)");
    assert_eq!(told, because, "{containers:?}");
}

#[test]
fn exit_codes_of_the_components_container_have_names() {
    check(&exited(1, Some(1)), &[Kind::Crash]);
    check(&exited(1, Some(-1_073_741_510)), &[Kind::Crash]);
    check(&exited(1, Some(0)), &[Kind::ExitsAtOnce]);
    check(&exited(1, Some(126)), &[Kind::CommandNotFound]);
    check(&exited(1, Some(127)), &[Kind::CommandNotFound]);
    check(&exited(1, Some(137)), &[Kind::KilledBySignal]);
    check(&exited(1, Some(139)), &[Kind::KilledBySignal]);
    check(&exited(1, Some(143)), &[Kind::KilledBySignal]);
}

#[test]
fn an_absent_exit_code_is_not_read_as_0() {
    check(&exited(1, None), &[Kind::Unknown]);
    assert_eq!(exit_code_in_words(None), "no exit code, so it never ran");
    assert_eq!(exit_code_in_words(Some(0)), "exit code 0, it ended by itself without an error");
}

#[test]
fn signals_are_decoded() {
    assert_eq!(exit_code_in_words(Some(139)), "exit code 139, SIGSEGV: a fault in memory access");
    assert_eq!(exit_code_in_words(Some(162)), "exit code 162, signal 34");
    assert_eq!(exit_code_in_words(Some(128)), "exit code 128, an error of the application");
    assert_eq!(exit_code_in_words(Some(i32::MIN)), "exit code -2147483648, an error of the application");
}

#[test]
fn memory_is_named_where_ecs_says_so_and_left_open_where_it_does_not() {
    let mut task = exited(1, Some(137));
    task.containers[0].reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
    check(&task, &[Kind::OutOfMemory]);
    let diagnosis = stage().diagnose(&tasks(vec![exited(1, Some(137))]));
    assert!(diagnosis.causes[0].because.contains("perhaps for want of memory; ECS does not say"));
}

#[test]
fn a_crash_that_comes_again_is_a_loop_and_counted() {
    let diagnosis = stage().diagnose(&tasks((1..=5).map(|number| exited(number, Some(3))).collect()));
    assert_eq!(kinds(&diagnosis), [Kind::CrashLoop]);
    assert_eq!(
        diagnosis.causes[0].because,
        "container `api`: exit code 3, an error of the application (12 s after the task began to run) (seen 5 times)"
    );
    let different: Vec<_> = (1..=3).map(|number| exited(number, Some(i32::try_from(number).unwrap()))).collect();
    assert_eq!(kinds(&stage().diagnose(&tasks(different))), [Kind::CrashLoop, Kind::CrashLoop]);
}

#[test]
fn the_container_that_ended_badly_is_at_fault_and_not_those_that_were_stopped_with_it() {
    let crash = "container `api`: exit code 1, an error of the application";
    check_containers(&[("envoy", Some(143)), ("api", Some(1))], Kind::Crash, crash);
    check_containers(&[("envoy", Some(0)), ("api", Some(1))], Kind::Crash, crash);
    check_containers(&[("envoy", Some(137)), ("api", Some(1))], Kind::Crash, crash);
    let sidecar = "sidecar `envoy`: exit code 1, an error of the application";
    check_containers(&[("api", Some(143)), ("envoy", Some(1))], Kind::DependencyFailed, sidecar);
    check_containers(&[("api", Some(0)), ("envoy", Some(1))], Kind::DependencyFailed, sidecar);
    check_containers(&[("api", Some(137)), ("envoy", Some(1))], Kind::DependencyFailed, sidecar);
}

#[test]
fn where_the_codes_leave_open_who_ended_first_both_are_named() {
    check_containers(
        &[("envoy", Some(1)), ("api", Some(2))],
        Kind::Crash,
        "container `api`: exit code 2, an error of the application; or first sidecar `envoy`: exit code 1, an error of the application",
    );
    check_containers(
        &[("envoy", Some(0)), ("api", Some(137))],
        Kind::DependencyFailed,
        "sidecar `envoy`: exit code 0, it ended by itself without an error; or first container `api`: exit code 137, SIGKILL: it was killed, perhaps for want of memory; ECS does not say",
    );
}

#[test]
fn a_container_that_is_not_essential_does_not_end_the_task() {
    let ended = "container `api`: exit code 0, it ended by itself without an error";
    check_containers(&[("migrate", Some(1)), ("api", Some(0))], Kind::ExitsAtOnce, ended);
}

#[test]
fn a_container_that_the_components_own_waits_for_can_fail_it() {
    let migration = "sidecar `migrate`: exit code 1, an error of the application";
    check_containers(&[("migrate", Some(1)), ("api", None)], Kind::DependencyFailed, migration);
    let task = StoppedTask {
        containers: vec![container("migrate", Some(1)), container("api", None)],
        ..not_started(1, "Task failed to start")
    };
    check(&task, &[Kind::DependencyFailed]);
}

#[test]
fn what_aws_put_into_the_task_is_not_blamed_for_the_components_end() {
    let crash = "container `api`: exit code 1, an error of the application";
    check_containers(&[("aws-guardduty-agent-x1", Some(1)), ("api", Some(1))], Kind::Crash, crash);
    let ended = "container `api`: exit code 0, it ended by itself without an error";
    check_containers(&[("injected-by-somebody", Some(2)), ("api", Some(0))], Kind::ExitsAtOnce, ended);
}

#[test]
fn the_component_is_not_blamed_where_what_aws_put_there_took_it_down() {
    check_containers(
        &[("ecs-service-connect-x1", Some(2)), ("api", Some(143))],
        Kind::DependencyFailed,
        "injected container `ecs-service-connect-x1`: exit code 2, an error of the application",
    );
}

#[test]
fn exit_codes_of_tasks_that_ecs_stopped_are_a_consequence() {
    let group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1";
    check(&stopped(1, &format!("Task failed ELB health checks in (target-group {group})")), &[Kind::HealthCheckFailed]);
    check(&stopped(1, "Task failed container health checks"), &[Kind::ContainerHealthCheck]);
    check(&stopped(1, "Scaling activity initiated by (deployment ecs-svc/2222222222)"), &[]);
}

#[test]
fn stop_codes_that_say_it_all_need_no_known_words() {
    let with_code = |code: &str| StoppedTask { stop_code: Some(code.to_owned()), ..stopped(1, "something new") };
    check(&with_code("SpotInterruption"), &[Kind::SpotOrInfrastructure]);
    check(&with_code("TerminationNotice"), &[Kind::SpotOrInfrastructure]);
    check(&with_code("InfrastructureHealth"), &[Kind::SpotOrInfrastructure]);
    check(&with_code("UserInitiated"), &[Kind::StoppedByHand]);
    check(&with_code("SomethingNew"), &[Kind::Unknown]);
}

#[test]
fn the_words_of_a_sidecar_name_the_sidecar() {
    let envoy = StoppedContainer {
        reason: Some("CannotPullContainerError: failed to resolve ref envoy:v9: not found".to_owned()),
        ..container("envoy", None)
    };
    let task =
        StoppedTask { containers: vec![container("api", None), envoy], ..not_started(1, "Task failed to start") };
    let diagnosis = stage().diagnose(&tasks(vec![task]));
    assert_eq!(kinds(&diagnosis), [Kind::ImageNotFound]);
    assert_eq!(
        diagnosis.causes[0].because,
        "sidecar `envoy`: CannotPullContainerError: failed to resolve ref envoy:v9: not found"
    );
}

#[test]
fn an_image_for_another_processor_is_known_by_the_runtimes_line_in_the_log_alone() {
    let logged = |line: &str| {
        let mut task = exited(1, Some(1));
        task.containers[0].log = vec![line.to_owned()];
        task
    };
    check(&logged("exec /usr/local/bin/api: exec format error"), &[Kind::WrongArchitecture]);
    check(&logged("the plugin said: exec format error"), &[Kind::Crash]);
}

#[test]
fn only_tasks_of_our_deployment_count() {
    let foreign = StoppedTask { started_by: Some(THEIRS.to_owned()), ..exited(1, Some(1)) };
    check(&foreign, &[]);
    check(&StoppedTask { started_by: None, ..exited(1, Some(1)) }, &[Kind::Crash]);
    check(&StoppedTask { started_by: None, task_definition: revision(1), ..exited(1, Some(1)) }, &[]);
    check(&StoppedTask { stopped_at: Some(at(-1)), ..exited(1, Some(1)) }, &[]);
    check(&StoppedTask { stopped_at: None, ..exited(1, Some(1)) }, &[Kind::Crash]);
    let stage = stage();
    let nobody = Facts { deployment: None, task_definition: None, ..stage.facts() };
    assert_eq!(kinds(&diagnose(&tasks(vec![exited(1, Some(1)), foreign]), &nobody)), []);
}

#[test]
fn what_has_no_known_words_is_told_as_it_is() {
    let evidence = Evidence {
        reason: Some("ECS had an idea".to_owned()),
        ..tasks(vec![not_started(1, "NewError: green\ncheese")])
    };
    let diagnosis = stage().diagnose(&evidence);
    assert_eq!(kinds(&diagnosis), [Kind::Unknown]);
    assert_eq!(diagnosis.causes[0].because, "NewError: green cheese");
}
