//! When a rollout is over and how: what users of other tools were told wrongly. Numbers are those of the list of
//! incidents that the tests were made from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use serde_json::json;

use crate::{
    engine::Report,
    fakes::Outcome as Rollout,
    promotion::{Outcome, RestoredBy},
    rollout::{RolloutEnd, RolloutState, ServiceEvent},
};

use super::stage::{CONFIGURATION, Stage, TOKEN, image, key, td};

fn succeeds(seconds: u64) -> Rollout {
    Rollout::Succeeds { after: Duration::from_secs(seconds) }
}

fn stage(version: &str, rollout: Rollout) -> Stage {
    let stage = Stage::open();
    stage.release(version, rollout);
    stage
}

fn api(report: &Report) -> &crate::promotion::Component {
    &report.state.components[&"api".parse().unwrap()]
}

/// 4, 5: all tasks run, and ECS has not closed the rollout.
#[test]
fn a_rollout_in_progress_is_neither_success_nor_failure() {
    let stage = stage("1.1.0", succeeds(20));
    let looks = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&looks);
    stage.ports.ecs.hide_service_deployments();
    stage.ports.ecs.distort(&key("api"), move |snapshot| {
        let is_new = snapshot.task_definition == Some(td("api:2"));
        let Some(primary) = snapshot.deployments.first_mut().filter(|_| is_new) else {
            return;
        };
        if primary.rollout == Some(RolloutState::Completed) && seen.fetch_add(1, Ordering::SeqCst) < 40 {
            primary.rollout = Some(RolloutState::InProgress);
        }
    });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(looks.load(Ordering::SeqCst) > 40, "it was believed only once ECS said so");
    assert_eq!(stage.ports.updates().len(), 1, "and nothing was sent meanwhile");
}

/// 12: the rollout takes longer than somebody's patience.
#[test]
fn a_slow_rollout_is_waited_for_and_a_time_out_takes_nothing_back() {
    let slow = stage("1.1.0", succeeds(40 * 60));
    assert_eq!(slow.promote("1.1.0", "p-1").unwrap().outcome, Outcome::Succeeded);

    let slower = stage("1.1.0", succeeds(50 * 60));
    let report = slower.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
    assert_eq!(slower.ports.updates().len(), 1, "a time-out is no failure, so nothing is taken back");
    slower.ports.clock.advance(Duration::from_mins(10));
    assert_eq!(slower.resume().unwrap().outcome, Outcome::Succeeded);
    assert_eq!(slower.ports.updates().len(), 1);
}

/// 15: what serves already is not deployed, and not called deployed.
#[test]
fn what_serves_already_is_unchanged_and_proven_by_its_tasks() {
    let stage = stage("1.0.0", succeeds(8));
    let report = stage.promote("1.0.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Unchanged, "{}", report.reason);
    assert!(stage.ports.updates().is_empty());
    for look in ["services:tasks", "services:describe"] {
        assert!(stage.ports.calls().iter().any(|(operation, _)| *operation == look), "{look}");
    }
}

/// 15: the same revision, and yet its tasks run something else.
#[test]
fn tasks_that_run_another_digest_are_never_called_unchanged() {
    let stage = stage("1.0.0", succeeds(8));
    stage.ports.lie(image("1.0.0").digest(), &crate::identifier::Digest::of(b"something else"));
    let report = stage.promote("1.0.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Errored, "{}", report.reason);
    assert!(report.reason.contains("though its task definition names another image"), "{}", report.reason);
}

/// 21: the autoscaler is at work.
#[test]
fn a_desired_count_that_changes_meanwhile_is_read_anew_and_never_sent() {
    for desired in [1, 17] {
        let stage = stage("1.1.0", succeeds(30));
        let ports = Arc::clone(&stage.ports);
        stage.ports.sabotage(None);
        stage.ports.before(("services:describe", 5), move || {
            ports.ecs.scale(&key("api"), desired);
        });
        let report = stage.promote("1.1.0", "p-1").unwrap();
        assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
        assert_eq!(stage.snapshot("api").running, desired);
        let tasks = usize::try_from(desired).unwrap();
        assert!(
            matches!(api(&report).phase, crate::promotion::ComponentPhase::Proven { tasks: proven } if proven as usize == tasks)
        );
    }
}

/// 9: somebody parks the service meanwhile.
#[test]
fn a_service_that_is_parked_meanwhile_is_not_verified_and_not_taken_back() {
    let stage = stage("1.1.0", succeeds(30));
    let ports = Arc::clone(&stage.ports);
    stage.ports.sabotage(None);
    stage.ports.before(("services:describe", 5), move || {
        ports.ecs.scale(&key("api"), 0);
    });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Unverified, "{}", report.reason);
    assert!(stage.probe.asked().is_empty(), "nobody is asked where nobody can answer");
    assert!(stage.records().pop().unwrap().components.values().all(|component| component.serves.is_none()));
}

/// 25: ECS still tells of an earlier deployment's trouble.
#[test]
fn events_of_an_earlier_deployment_are_no_verdict() {
    let stage = stage("1.1.0", succeeds(8));
    let at = stage.now();
    stage.ports.ecs.distort(&key("api"), move |snapshot| {
        let message = "(service api) was unable to place a task. (deployment ecs-svc/1) deployment failed".to_owned();
        snapshot.events.push(ServiceEvent { at: Some(at - Duration::from_mins(10)), message });
    });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(!report.reason.contains("unable to place"), "{}", report.reason);
}

/// 26: an old task answers for a while.
#[test]
fn a_smoke_check_answered_by_the_old_version_is_asked_again() {
    let stage = stage("1.1.0", succeeds(8));
    let version = |version: &str| crate::fakes::ScriptedProbe::json(200, &json!({ "version": version }));
    let url = "https://api.dev.example.com/version";
    stage.probe.script(url, [version("1.0.0"), version("1.0.0"), version("1.1.0")]);
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(stage.probe.asked().len(), 3);
}

#[test]
fn what_a_failed_check_got_is_told_without_what_the_tasks_were_given() {
    let stage = stage("1.1.0", succeeds(8));
    stage.answers("1.1.0", json!({ "version": format!("{TOKEN} at postgres://shop:hush-hush-2@db/") }));
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("*** at postgres://shop:***@db/"), "{}", report.reason);
    let kept: Vec<u8> = stage.ports.store.contents().into_iter().flat_map(|(_, bytes)| bytes).collect();
    let kept = String::from_utf8_lossy(&kept);
    assert!(kept.contains("*** at postgres") && !kept.contains("hush-hush"), "nothing of it is kept");
    assert!(!stage.watcher.told().contains("hush-hush"), "nothing of it is told");
}

/// 1, 4b, for a caller who may not list service deployments.
#[test]
fn the_classic_model_tells_a_breakers_rollback_from_success() {
    let stage = stage("1.1.0", Rollout::BreakerRollsBack { after: Duration::from_secs(30) });
    stage.ports.ecs.hide_service_deployments();
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("circuit breaker"), "{}", report.reason);
    assert!(matches!(api(&report).rollout, Some(RolloutEnd::RolledBack { .. })));
    assert_eq!(
        report.record.unwrap().components.values().next().unwrap().rollback.as_ref().unwrap().by,
        Some(RestoredBy::Ecs)
    );
    assert_eq!(stage.ports.updates().len(), 1, "ECS puts it back: no second update");
}

/// 3, for a caller who may not list service deployments.
#[test]
fn the_classic_model_tells_a_deployment_that_was_given_up() {
    let stage = stage("1.1.0", Rollout::BreakerStops { after: Duration::from_secs(30) });
    stage.ports.ecs.hide_service_deployments();
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 2);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}

#[test]
fn the_classic_model_alone_proves_a_good_rollout() {
    let stage = stage("1.1.0", succeeds(30));
    stage.ports.ecs.hide_service_deployments();
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(report.state.components.values().all(|component| component.plan.seen.is_empty()));
}

/// 7, where somebody brings something that neither we nor ECS would.
#[test]
fn a_foreign_deployment_is_named_and_left_alone() {
    let stage = stage("1.1.0", Rollout::Stalls);
    let ports = Arc::clone(&stage.ports);
    stage.ports.sabotage(None);
    stage.ports.before(("services:describe", 5), move || {
        let foreign = ports.ecs.add_task_definition(super::stage::document("api", "2.0.0")).unwrap();
        ports.ecs.deploy_as_somebody_else(&key("api"), &foreign).unwrap();
    });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Superseded, "{}", report.reason);
    assert!(report.reason.contains("api:3"), "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 1);
}

/// A service that wants no tasks and may.
#[test]
fn a_parked_service_is_never_called_verified_even_with_smoke_checks() {
    let configuration = CONFIGURATION.replace("service = \"api\"\n", "service = \"api\"\nallow-empty = true\n");
    let stage = Stage::with(&configuration, &["api"]);
    stage.ports.ecs.scale(&key("api"), 0);
    stage.release("1.1.0", succeeds(8));
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Unverified, "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 1);
}
