//! Tests of what a diagnosis keeps, how it is stored, and what people read.

use crate::rollout::StoppedTask;

use super::super::{Diagnosis, Evidence, Facts, diagnose, diagnosis_markdown};
use super::support::{container, event, exited, not_started, stage, stopped, target, tasks};

#[test]
fn alike_tasks_are_one_and_the_newest_of_three_sorts_are_kept() {
    let pull = |number: u32, id: &str| not_started(number, &format!("CannotPullContainerError: RequestID: {id}"));
    let mut all =
        vec![pull(1, "1a2b3c4d-0000-4111-8222-333344445555"), pull(6, "9a9b9c9d-0000-4111-8222-333344445555")];
    all.extend((2..=5).map(|number| exited(number, Some(i32::try_from(number).unwrap()))));
    all.push(stopped(9, "Scaling activity initiated by (deployment ecs-svc/2222222222)"));
    let kept = stage().diagnose(&tasks(all)).tasks;
    let short: Vec<_> = kept.iter().map(|group| (group.seen, group.task.arn.short().trim_start_matches('0'))).collect();
    assert_eq!(short, [(2, "6"), (1, "5"), (1, "4")]);
}

#[test]
fn the_last_lines_of_a_failed_container_are_kept_and_bounded() {
    let mut task = exited(1, Some(1));
    task.containers[0].log = (0..200).map(|number| format!("line {number}")).collect();
    let log = |task: StoppedTask| stage().diagnose(&tasks(vec![task])).tasks.remove(0).task.containers.remove(0).log;
    let kept = log(task.clone());
    assert_eq!((kept.len(), kept[0].as_str(), kept[49].as_str()), (50, "line 150", "line 199"));
    task.containers[0].log = vec!["ä".repeat(100_000); 200];
    let kept = log(task);
    assert!(!kept.is_empty() && kept.iter().map(String::len).sum::<usize>() <= 16 * 1024);
    assert!(kept.iter().all(|line| line.chars().count() == 500 && line.ends_with('…')));
}

#[test]
fn the_log_of_a_sidecar_that_ended_well_is_not_kept() {
    let mut task = exited(1, Some(1));
    task.containers.push(container("envoy", Some(0)));
    task.containers.iter_mut().for_each(|container| container.log = vec!["x".to_owned()]);
    let kept = stage().diagnose(&tasks(vec![task])).tasks.remove(0).task.containers;
    assert_eq!(kept.iter().map(|container| container.log.len()).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn the_last_events_are_kept_newest_last() {
    let events = (0..60).rev().map(|second| event(second, &format!("(service shop) event {second}."))).collect();
    let kept = stage().diagnose(&Evidence { events, ..Evidence::default() }).events;
    assert_eq!((kept.len(), kept[0].message.as_str()), (20, "(service shop) event 40."));
    assert_eq!(kept[19].message, "(service shop) event 59.");
}

#[test]
fn a_task_that_was_seen_twice_counts_once_and_with_what_is_known_last() {
    let early = StoppedTask { containers: vec![container("api", None)], stopped_at: None, ..exited(1, Some(1)) };
    for both in [vec![early.clone(), exited(1, Some(1))], vec![exited(1, Some(1)), early.clone()]] {
        let kept = stage().diagnose(&tasks(both)).tasks;
        assert_eq!((kept.len(), kept[0].seen, &kept[0].task), (1, 1, &exited(1, Some(1))));
    }
}

#[test]
fn nothing_seen_is_no_cause_and_no_headline() {
    let diagnosis = stage().diagnose(&Evidence::default());
    assert_eq!(diagnosis, Diagnosis::default());
    assert_eq!((diagnosis.headline(), diagnosis.lines()), (None, Vec::new()));
}

/// One of everything.
fn everything() -> Evidence {
    let mut task = exited(1, Some(1));
    task.containers[0].log = vec!["Traceback:".to_owned(), "KeyError: 'DATABASE_URL'".to_owned()];
    task.containers.push(container("envoy", Some(143)));
    Evidence {
        reason: Some("ECS deployment circuit breaker: tasks failed to start.".to_owned()),
        tasks: vec![task.clone(), StoppedTask { arn: exited(2, None).arn, ..task }],
        targets: vec![
            target("unhealthy", Some("Target.Timeout"), Some("Request timed out")),
            target("healthy", None, None),
        ],
        alarms: Vec::new(),
        events: vec![event(3, "(service shop) has started 1 tasks: (task 0f1e).")],
        unasked: vec!["alarms: not authorized to perform cloudwatch:DescribeAlarms".to_owned()],
    }
}

#[test]
fn people_read_causes_with_remedies_and_then_the_evidence() {
    let diagnosis = stage().diagnose(&everything());
    insta::assert_snapshot!(diagnosis.headline().unwrap(), @"the component's container ended with an error: container `api`: exit code 1, an error of the application (12 s after the task began to run) (seen 2 times)");
    insta::assert_snapshot!(diagnosis.lines().join("\n"), @r"
    crash: the component's container ended with an error
      because container `api`: exit code 1, an error of the application (12 s after the task began to run) (seen 2 times)
      remedy  read the last lines of its log below; start the image by hand with the same command and configuration
    health-check-timeout: the load balancer's health check gets no answer in time
      because the target 10.0.1.5 port 8080 is unhealthy: Target.Timeout: Request timed out
      remedy  let the task's security group accept the load balancer's on the port; let the application answer faster, or give it a longer grace period; the grace period is 60 s
    task 00000000000000000000000000000002, seen 2 times: EssentialContainerExited
      reason: Essential container in task exited
      container api: exit code 1, an error of the application
        | Traceback:
        | KeyError: 'DATABASE_URL'
      container envoy: exit code 143, SIGTERM: it was asked to end
    target 10.0.1.5 port 8080: unhealthy, Target.Timeout, Request timed out
    event 1970-01-01T00:16:43Z (service shop) has started 1 tasks: (task 0f1e).
    not asked: alarms: not authorized to perform cloudwatch:DescribeAlarms
    ");
}

#[test]
fn a_diagnosis_is_stored_and_read_back_and_takes_nothing_that_it_does_not_know() {
    let diagnosis = stage().diagnose(&everything());
    let mut stored = serde_json::to_value(&diagnosis).unwrap();
    assert_eq!(serde_json::from_value::<Diagnosis>(stored.clone()).unwrap(), diagnosis);
    assert_eq!(stored["causes"][0]["kind"], "crash");
    stored["surprise"] = 1.into();
    assert!(serde_json::from_value::<Diagnosis>(stored).is_err());
}

#[test]
fn environment_values_come_out_nowhere() {
    let stage = stage();
    let facts = Facts { minimum_healthy_percent: Some(100), maximum_percent: Some(100), ..stage.facts() };
    let shown = format!("{:?} {:?}", diagnose(&everything(), &facts), facts);
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn the_page_is_what_the_code_says() {
    let page = include_str!("../../../../../../docs/diagnosis.md");
    assert_eq!(page, diagnosis_markdown(), "write it anew with `cargo xtask generate`");
}
