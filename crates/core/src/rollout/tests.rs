//! The decision table of a rollout, row by row: each test is a sequence of looks and the verdict after the last.

use std::time::Duration;

use jiff::Timestamp;

use super::*;

pub(super) const BASE: &str = "ecs-svc/1";
pub(super) const OURS: &str = "ecs-svc/0192876543210987654";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn watch() -> Watch {
    let seen = vec![sd_arn("before")];
    Watch::new(OURS.parse().unwrap(), td(2), Some(BASE.parse().unwrap()), seen, at(0))
}

pub(super) fn td(revision: u32) -> crate::identifier::TaskDefinitionArn {
    format!("arn:aws:ecs:us-west-2:111111111111:task-definition/api:{revision}").parse().unwrap()
}

pub(super) fn sd_arn(id: &str) -> crate::identifier::ServiceDeploymentArn {
    format!("arn:aws:ecs:us-west-2:111111111111:service-deployment/c/s/{id}").parse().unwrap()
}

pub(super) fn deployment(id: &str, revision: u32, rollout: Option<RolloutState>, running: u32) -> Deployment {
    Deployment {
        id: id.parse().unwrap(),
        status: DeploymentStatus::Primary,
        task_definition: td(revision),
        rollout,
        reason: None,
        desired: 2,
        running,
        pending: 0,
        failed: 0,
        created_at: Some(at(0)),
    }
}

pub(super) fn service(deployments: Vec<Deployment>) -> ServiceSnapshot {
    let deployments = deployments.into_iter().enumerate().map(|(index, mut deployment)| {
        if index > 0 {
            deployment.status = DeploymentStatus::Active;
        }
        deployment
    });
    ServiceSnapshot {
        status: ServiceStatus::Active,
        controller: Controller::Ecs { strategy: Strategy::Rolling },
        is_express: false,
        desired: 2,
        running: 2,
        pending: 0,
        task_definition: Some(td(2)),
        deployments: deployments.collect(),
        minimum_healthy_percent: Some(100),
        maximum_percent: Some(200),
        grace_seconds: 0,
        events: Vec::new(),
        circuit_breaker: None,
        alarms: Vec::new(),
        configuration: None,
        target_groups: Vec::new(),
        current: None,
    }
}

pub(super) fn sd(status: ServiceDeploymentStatus) -> ServiceDeployment {
    ServiceDeployment {
        arn: sd_arn("ours"),
        status,
        reason: Some("because".to_owned()),
        target: Some("arn:aws:ecs:us-west-2:111111111111:service-revision/c/s/0192876543210987654".parse().unwrap()),
        rolled_back_to: None,
        triggered: Some(Trip::Nothing),
        early_success: false,
        stage: None,
        pauses: Vec::new(),
        traffic: None,
        fired: Vec::new(),
        created_at: Some(at(0)),
        finished_at: None,
    }
}

fn look(second: i64, service: ServiceSnapshot, listed: Option<Vec<ServiceDeployment>>) -> Look {
    let service_deployments = listed.map_or(Listing::NotOffered, Listing::Came);
    Look { at: at(second), service: Some(service), service_deployments }
}

fn check(looks: Vec<Look>) -> Verdict {
    let mut watch = watch();
    let mut verdict = Verdict::Wait(Waiting::NotVisible);
    for look in looks {
        verdict = watch.judge(&look);
    }
    verdict
}

fn rolling() -> ServiceSnapshot {
    service(vec![
        deployment(OURS, 2, Some(RolloutState::InProgress), 1),
        deployment(BASE, 1, Some(RolloutState::Completed), 2),
    ])
}

fn complete() -> ServiceSnapshot {
    service(vec![deployment(OURS, 2, Some(RolloutState::Completed), 2)])
}

fn back_at_base() -> ServiceSnapshot {
    service(vec![deployment(BASE, 1, Some(RolloutState::Completed), 2)])
}

#[test]
fn a_successful_service_deployment_with_a_complete_primary_is_complete() {
    let looks = vec![look(5, complete(), Some(vec![sd(ServiceDeploymentStatus::Successful)]))];
    assert_eq!(check(looks), Verdict::Ended(RolloutEnd::Completed { drained: true, early: false }));
}

#[test]
fn a_stable_service_is_no_success_while_our_service_deployment_is_not_over() {
    let looks = vec![look(5, complete(), Some(vec![sd(ServiceDeploymentStatus::InProgress)]))];
    assert_eq!(check(looks), Verdict::Wait(Waiting::Settling));
}

#[test]
fn the_deployment_that_was_there_before_is_never_ours() {
    let mut before = sd(ServiceDeploymentStatus::Successful);
    before.arn = sd_arn("before");
    let looks = vec![look(5, back_at_base(), Some(vec![before]))];
    assert_eq!(check(looks), Verdict::Wait(Waiting::NotVisible));
}

#[test]
fn old_tasks_may_drain_for_a_while_after_success() {
    let successful = || Some(vec![sd(ServiceDeploymentStatus::Successful)]);
    let draining = vec![look(5, rolling(), successful())];
    assert_eq!(check(draining.clone()), Verdict::Wait(Waiting::Draining));
    let mut long = draining;
    long.push(look(500, rolling(), successful()));
    assert_eq!(check(long), Verdict::Ended(RolloutEnd::Completed { drained: false, early: false }));
}

#[test]
fn a_rollback_by_ecs_is_no_success_even_though_the_service_is_stable() {
    let looks = vec![
        look(5, rolling(), Some(vec![sd(ServiceDeploymentStatus::InProgress)])),
        look(60, back_at_base(), Some(vec![sd(ServiceDeploymentStatus::RollbackInProgress)])),
        look(90, back_at_base(), Some(vec![sd(ServiceDeploymentStatus::RollbackSuccessful)])),
    ];
    assert_eq!(check(looks), Verdict::Ended(RolloutEnd::RolledBack { reason: "because".to_owned(), to: None }));
}

#[test]
fn a_stop_without_a_newer_deployment_is_a_failure_and_with_one_is_superseded() {
    let stopped = || sd(ServiceDeploymentStatus::Stopped);
    let mut tripped = stopped();
    tripped.triggered = Some(Trip::CircuitBreaker);
    let failed = service(vec![deployment(OURS, 2, Some(RolloutState::Failed), 0)]);
    assert_eq!(
        check(vec![look(60, failed, Some(vec![tripped]))]),
        Verdict::Ended(RolloutEnd::Stopped { reason: "because".to_owned() })
    );
    let replaced = service(vec![deployment("ecs-svc/3", 3, Some(RolloutState::InProgress), 0)]);
    assert_eq!(
        check(vec![look(60, replaced, Some(vec![stopped()]))]),
        Verdict::Ended(RolloutEnd::Superseded { by: Some(td(3)) })
    );
}

#[test]
fn nothing_wanted_is_nothing_exercised() {
    let mut empty = complete();
    empty.desired = 0;
    let looks = vec![look(5, empty, Some(vec![sd(ServiceDeploymentStatus::Successful)]))];
    assert_eq!(check(looks), Verdict::Ended(RolloutEnd::Empty));
}

#[test]
fn an_unknown_status_is_waited_for() {
    let unknown = ServiceDeploymentStatus::Unknown("PONDERING".to_owned());
    assert_eq!(check(vec![look(5, rolling(), Some(vec![sd(unknown)]))]), Verdict::Wait(Waiting::Starting));
}

#[test]
fn a_missing_service_may_flap_but_not_for_long() {
    let gone = |second| Look { at: at(second), service: None, service_deployments: Listing::NotOffered };
    assert_eq!(check(vec![gone(5), gone(20)]), Verdict::Wait(Waiting::Missing));
    assert_eq!(check(vec![gone(5), gone(40)]), Verdict::Ended(RolloutEnd::Gone));
    let back = vec![gone(5), look(20, rolling(), Some(vec![sd(ServiceDeploymentStatus::InProgress)])), gone(40)];
    assert_eq!(check(back), Verdict::Wait(Waiting::Missing));
}

#[test]
fn without_service_deployments_two_complete_reads_are_needed() {
    assert_eq!(check(vec![look(5, complete(), None)]), Verdict::Wait(Waiting::Settling));
    assert_eq!(
        check(vec![look(5, complete(), None), look(7, complete(), None)]),
        Verdict::Ended(RolloutEnd::Completed { drained: true, early: false })
    );
}

#[test]
fn without_service_deployments_a_rollback_is_seen_by_the_old_deployment_being_primary_again() {
    let looks = vec![look(5, rolling(), None), look(60, back_at_base(), None)];
    assert!(matches!(check(looks), Verdict::Ended(RolloutEnd::RolledBack { .. })));
    let mut returning = deployment("ecs-svc/7", 1, Some(RolloutState::Completed), 2);
    returning.reason = Some("ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.".to_owned());
    let looks = vec![look(5, rolling(), None), look(60, service(vec![returning]), None)];
    assert!(matches!(check(looks), Verdict::Ended(RolloutEnd::RolledBack { .. })));
}

#[test]
fn without_service_deployments_a_rollback_under_a_new_id_is_not_taken_for_somebody_elses() {
    let back = |rollout, reason: &str| {
        let mut back = deployment("ecs-svc/3", 1, Some(rollout), 2);
        back.reason = Some(reason.to_owned());
        service(vec![back])
    };
    let words = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
    let verdict = check(vec![
        look(5, rolling(), None),
        look(60, back(RolloutState::InProgress, words), None),
        look(90, back(RolloutState::Completed, "ECS deployment ecs-svc/3 completed."), None),
    ]);
    assert_eq!(verdict, Verdict::Ended(RolloutEnd::RolledBack { reason: words.to_owned(), to: None }));
}

#[test]
fn without_service_deployments_a_stale_read_is_waited_for_and_then_no_trace() {
    assert_eq!(check(vec![look(5, back_at_base(), None)]), Verdict::Wait(Waiting::NotVisible));
    assert_eq!(check(vec![look(130, back_at_base(), None)]), Verdict::Ended(RolloutEnd::NotApplied));
}

#[test]
fn without_a_rollout_state_counts_must_be_right_for_a_minute() {
    let quiet = || service(vec![deployment(OURS, 2, None, 2)]);
    assert_eq!(check(vec![look(5, quiet(), None), look(60, quiet(), None)]), Verdict::Wait(Waiting::Settling));
    assert_eq!(
        check(vec![look(5, quiet(), None), look(66, quiet(), None)]),
        Verdict::Ended(RolloutEnd::Completed { drained: true, early: false })
    );
}

#[test]
fn a_service_deployment_that_never_appears_is_judged_by_the_classic_model() {
    let listed = Some(Vec::new());
    assert_eq!(check(vec![look(60, complete(), listed.clone())]), Verdict::Wait(Waiting::NotVisible));
    assert_eq!(
        check(vec![look(121, complete(), listed.clone()), look(123, complete(), listed)]),
        Verdict::Ended(RolloutEnd::Completed { drained: true, early: false })
    );
}

#[test]
fn looks_come_more_often_when_something_is_about_to_change() {
    let late = Duration::from_mins(1);
    assert!(next_look(Waiting::Settling, late) < next_look(Waiting::Starting, late));
    assert!(next_look(Waiting::NotVisible, late) < next_look(Waiting::Draining, late));
}
