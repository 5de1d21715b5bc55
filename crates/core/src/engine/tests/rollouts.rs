//! Rollouts that ECS does not end by itself: given up, paused, in somebody's way, interrupted, and bad on purpose.

use std::{sync::Arc, time::Duration};

use futures_util::future::FutureExt as _;
use serde_json::json;

use crate::{
    engine::{EngineError, Interrupt, Report},
    fakes::{Operation, Outcome as Rollout},
    ledger::RecordKind,
    promotion::{FailureKind, Outcome},
    rollout::{CauseKind, PauseWord, RolloutEnd},
};

use super::stage::{CONFIGURATION, Stage, image, key, td};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn succeeds() -> Rollout {
    Rollout::Succeeds { after: seconds(8) }
}

/// Two tasks of 1.0.0, and 1.1.0 whose rollout comes to this.
fn stage(more: &str, rollout: Rollout) -> Stage {
    let configuration = CONFIGURATION.replace("service = \"api\"\n", &format!("service = \"api\"\n{more}\n"));
    let stage = Stage::with(&configuration, &["api"]);
    stage.release("1.1.0", rollout);
    stage
}

fn promote(stage: &Stage) -> Report {
    stage.promote("1.1.0", "p-1").unwrap()
}

fn calls(stage: &Stage, operation: Operation) -> usize {
    stage.ports.ecs.calls().iter().filter(|call| call.operation == operation).count()
}

#[test]
fn a_crash_loop_without_a_circuit_breaker_is_found_and_stopped_long_before_the_time_out() {
    let stage = stage("", Rollout::CrashLoops { every: seconds(40) });
    let began = stage.now();
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(stage.now().duration_since(began).as_secs() < 400, "{}", stage.now().duration_since(began));
    assert_eq!(stage.serves("api"), ["1.0.0"]);
    assert_eq!((calls(&stage, Operation::UpdateService), calls(&stage, Operation::StopServiceDeployment)), (1, 1));
    let record = report.record.unwrap().components.into_values().next().unwrap();
    assert!(matches!(record.rollout, Some(RolloutEnd::GivenUp { .. })), "{:?}", record.rollout);
    let diagnosis = record.diagnosis.unwrap();
    assert!(diagnosis.causes.iter().any(|cause| cause.kind == CauseKind::Crash || cause.kind == CauseKind::CrashLoop));
    assert!(report.reason.contains("start and end again"), "{}", report.reason);
}

#[test]
fn a_rollout_that_is_only_slow_is_waited_for() {
    let stage = stage("", Rollout::Succeeds { after: Duration::from_mins(40) });
    assert_eq!(promote(&stage).outcome, Outcome::Succeeded);
}

#[test]
fn out_of_time_is_inconclusive_unless_a_rollback_is_asked_for() {
    let patient = stage("", Rollout::Stalls);
    assert_eq!(promote(&patient).outcome, Outcome::Inconclusive);
    assert_eq!(calls(&patient, Operation::UpdateService) + calls(&patient, Operation::StopServiceDeployment), 1);
    let strict = stage("on-timeout = \"rollback\"\nrollout-timeout = \"5m\"", Rollout::Stalls);
    let report = promote(&strict);
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert!(report.reason.contains("did not end within 300 s"), "{}", report.reason);
}

#[test]
fn a_refused_stop_is_followed_by_the_usual_way_back() {
    let stage = stage("", Rollout::CrashLoops { every: seconds(40) });
    let denied = crate::ports::Fault::Denied { principal: None, action: None, resource: None };
    stage.ports.ecs.next(Operation::StopServiceDeployment, crate::fakes::Mishap::NotCarriedOut(denied));
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(calls(&stage, Operation::UpdateService), 2);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}

const TEST_LISTENER: &str = r#"
[[components.api.smoke]]
url = "https://test.dev.example.com/version"
before-traffic = true
consecutive = 1
interval = "5s"
deadline = "20s"
"#;

/// A rollout that waits at a hook, and a check for the test listener.
fn paused(answer_of_test: u16) -> Stage {
    let mut stage = Stage::with(&format!("{CONFIGURATION}{TEST_LISTENER}"), &["api"]);
    stage.release("1.1.0", Rollout::Pauses { after: seconds(20) });
    let ports = Arc::clone(&stage.ports);
    stage.world.probe = Arc::new(crate::fakes::ScriptedProbe::answering(move |check| {
        let version = if check.url.contains("test.") { "1.1.0" } else { serving(&ports) };
        let status = if check.url.contains("test.") { answer_of_test } else { 200 };
        crate::fakes::ScriptedProbe::json(status, &json!({ "version": version }))
    }));
    stage
}

fn serving(ports: &super::sabotage::Ports) -> &'static str {
    let running = ports.ecs.serving(&key("api"));
    if running.last() == Some(&td("api:1")) { "1.0.0" } else { "1.1.0" }
}

#[test]
fn what_passes_at_the_test_listener_is_told_to_go_on() {
    let stage = paused(200);
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(calls(&stage, Operation::ContinueServiceDeployment), 1);
    assert_eq!(report.record.unwrap().components.into_values().next().unwrap().smoke_before_traffic.len(), 1);
}

#[test]
fn what_fails_at_the_test_listener_goes_back_before_any_traffic_moves() {
    let stage = paused(500);
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(calls(&stage, Operation::ContinueServiceDeployment), 0);
    assert!(report.reason.contains("before production traffic"), "{}", report.reason);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}

#[test]
fn a_pause_for_a_person_ends_the_run_and_the_persons_word_ends_the_pause() {
    for (word, expected) in [(PauseWord::Continue, Outcome::Succeeded), (PauseWord::Rollback, Outcome::RolledBack)] {
        let mut stage = stage("", Rollout::Pauses { after: seconds(20) });
        let report = promote(&stage);
        assert_eq!(report.outcome, Outcome::Inconclusive, "{}", report.reason);
        assert!(report.reason.contains("POST_TEST_TRAFFIC_SHIFT for a person"), "{}", report.reason);
        let again = stage.resume().unwrap();
        assert_eq!(again.outcome, Outcome::Inconclusive, "nobody has said anything");
        stage.settings.word_at_pause = Some(word);
        let report = stage.resume().unwrap();
        assert_eq!(report.outcome, expected, "{}", report.reason);
    }
}

#[test]
fn a_pause_that_is_waited_at_goes_on_once_somebody_answers() {
    let stage = stage("on-pause = \"wait\"", Rollout::Pauses { after: seconds(20) });
    let ports = Arc::clone(&stage.ports);
    stage.ports.sabotage(None);
    stage.ports.before(("services:deployments_in_full", 8), move || {
        let answered = ports.ecs.answer_as_somebody_else(&key("api"), PauseWord::Continue);
        assert!(answered.is_ok());
    });
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(calls(&stage, Operation::ContinueServiceDeployment), 0, "it was not ours to answer");
}

/// Somebody's rollout of 1.2.0 is under way.
fn busy(more: &str, rollout: Rollout) -> Stage {
    let stage = stage(more, succeeds());
    stage.ports.images.push(&image("1.2.0"));
    stage.ports.ecs.script(image("1.2.0").digest(), rollout);
    let theirs = stage.ports.ecs.add_task_definition(super::stage::document("api", "1.2.0")).unwrap();
    stage.ports.ecs.deploy_as_somebody_else(&key("api"), &theirs).unwrap();
    stage
}

#[test]
fn somebodys_rollout_is_waited_for() {
    let stage = busy("", Rollout::Succeeds { after: seconds(90) });
    let report = promote(&stage);
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert!(stage.watcher.troubles().iter().any(|trouble| trouble.contains("waiting for the rollout")));
    assert_eq!(stage.serves("api"), ["1.1.0"]);
}

#[test]
fn somebodys_rollout_that_takes_too_long_or_must_not_be_waited_for_refuses_the_promotion() {
    for more in ["busy-timeout = \"1m\"", "when-busy = \"refuse\""] {
        let stage = busy(more, Rollout::Stalls);
        let report = promote(&stage);
        assert_eq!(report.outcome, Outcome::Refused, "{}", report.reason);
        assert!(report.reason.contains("under way in shop-dev/api"), "{}", report.reason);
        assert_eq!(calls(&stage, Operation::UpdateService), 0);
    }
}

/// 127: the fix must get through while the broken one is stuck.
#[test]
fn a_rollout_that_crashes_is_deployed_over_and_the_last_complete_one_is_what_to_go_back_to() {
    for bad in [false, true] {
        let stage = busy("", Rollout::CrashLoops { every: seconds(40) });
        if bad {
            stage.answers("1.1.0", json!({ "status": "critical" }));
        }
        let report = promote(&stage);
        let expected = if bad { Outcome::RolledBack } else { Outcome::Succeeded };
        assert_eq!(report.outcome, expected, "{}", report.reason);
        assert_eq!(stage.serves("api"), [if bad { "1.0.0" } else { "1.1.0" }]);
        let notes = &report.state.components.values().next().unwrap().plan.notes;
        assert!(notes.iter().any(|note| note.contains("is deployed over")), "{notes:?}");
    }
}

#[test]
fn whoever_says_so_deploys_over_a_rollout_that_is_under_way() {
    let stage = busy("when-busy = \"take-over\"", Rollout::Stalls);
    assert_eq!(promote(&stage).outcome, Outcome::Succeeded);
}

/// The run is asked to stop when that call is made.
fn interrupted(mut stage: Stage, place: (&'static str, usize)) -> (Stage, Report) {
    let (give, given) = futures_util::future::abortable(std::future::pending::<()>());
    stage.interrupt = Interrupt::when(give.map(drop));
    stage.ports.sabotage(None);
    stage.ports.before(place, move || given.abort());
    let report = promote(&stage);
    (stage, report)
}

#[test]
fn a_run_that_is_asked_to_stop_says_what_goes_on_without_it() {
    let (mut stage, report) =
        interrupted(stage("", Rollout::Succeeds { after: seconds(60) }), ("services:describe", 4));
    assert_eq!(report.outcome, Outcome::Interrupted);
    assert!(report.reason.contains("ECS goes on by itself with the rollout of api (ecs-svc/"), "{}", report.reason);
    assert_eq!(calls(&stage, Operation::UpdateService) + calls(&stage, Operation::StopServiceDeployment), 1);
    stage.interrupt = Interrupt::default();
    assert_eq!(stage.resume().unwrap().outcome, Outcome::Succeeded);
}

#[test]
fn a_run_that_is_asked_to_stop_asks_ecs_once_to_go_back_where_that_is_wanted() {
    let configuration = CONFIGURATION.replace("region = ", "on-cancel = \"rollback\"\nregion = ");
    let bare = Stage::with(&configuration, &["api"]);
    bare.release("1.1.0", Rollout::Succeeds { after: seconds(60) });
    let (mut stage, report) = interrupted(bare, ("services:describe", 5));
    assert_eq!(report.outcome, Outcome::Interrupted);
    assert!(report.reason.contains("ECS was asked to put back what served of api"), "{}", report.reason);
    assert_eq!((calls(&stage, Operation::UpdateService), calls(&stage, Operation::StopServiceDeployment)), (1, 1));
    stage.interrupt = Interrupt::default();
    let report = stage.resume().unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}

/// The calls that change something, begun after the run was asked to stop just before that call of it; the call itself
/// was in flight.
fn begun_after(configuration: &str, status: &str, place: (&'static str, usize)) -> Vec<&'static str> {
    const CHANGES: [&str; 4] = ["task_definitions:register", "services:update", "services:stop", "services:answer"];
    let bare = Stage::with(configuration, &["api"]);
    bare.release("1.1.0", Rollout::Succeeds { after: seconds(30) });
    bare.answers("1.1.0", json!({ "version": status }));
    let (stage, report) = interrupted(bare, place);
    let calls = stage.ports.calls();
    // Where nothing but the ending was left to do, it is come to.
    let expected = if status == "critical" { Outcome::RolledBack } else { Outcome::Succeeded };
    assert!([Outcome::Interrupted, expected].contains(&report.outcome), "{place:?}: {}", report.reason);
    let at = calls.iter().position(|call| *call == place).unwrap();
    calls[at + 1..].iter().map(|(operation, _)| *operation).filter(|call| CHANGES.contains(call)).collect()
}

/// Every call of a promotion that goes well, or fails its smoke check and goes back.
fn calls_of(status: &str) -> Vec<(&'static str, usize)> {
    let stage = Stage::open();
    stage.release("1.1.0", Rollout::Succeeds { after: seconds(30) });
    stage.answers("1.1.0", json!({ "version": status }));
    stage.ports.sabotage(None);
    let _report = promote(&stage);
    let calls = stage.ports.calls();
    let last = calls.iter().rposition(|(operation, _)| operation.starts_with("services:")).unwrap();
    let leased = calls.iter().position(|(operation, _)| *operation == "identity:caller").unwrap();
    calls[leased..last].iter().filter(|(operation, _)| !operation.starts_with("store:")).copied().collect()
}

#[test]
fn whoever_is_asked_to_stop_at_any_call_begins_one_change_at_most_and_none_that_nobody_wants() {
    let wanted = CONFIGURATION.replace("region = ", "on-cancel = \"rollback\"\nregion = ");
    let mut asked_back = 0;
    for status in ["1.1.0", "critical"] {
        for place in calls_of(status) {
            assert!(begun_after(CONFIGURATION, status, place).is_empty(), "{status} {place:?}");
            let begun = begun_after(&wanted, status, place);
            assert!(begun.len() <= 1, "{status} {place:?}: {begun:?}");
            asked_back += begun.len();
        }
    }
    assert!(asked_back > 5, "{asked_back}");
}

fn drill(rollout: Rollout) -> (Stage, Report) {
    let configuration = CONFIGURATION.replace("region = ", "drill = true\nregion = ");
    let stage = Stage::with(&configuration, &["api"]);
    stage.ports.ecs.script(image("1.0.0").digest(), rollout);
    let report = stage.run(stage.engine().drill(stage.request("d-1"))).unwrap();
    (stage, report)
}

#[test]
fn a_drill_proves_that_a_bad_release_is_found_and_put_back() {
    for rollout in [
        Rollout::BreakerRollsBack { after: seconds(30) },
        Rollout::BreakerStops { after: seconds(30) },
        Rollout::CrashLoops { every: seconds(30) },
    ] {
        let (stage, report) = drill(rollout);
        if rollout == (Rollout::BreakerStops { after: seconds(30) }) {
            // The fake scripts by image, and a drill's is the one that is gone back to: the way back stops too.
            assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
            continue;
        }
        assert_eq!(report.outcome, Outcome::RolledBack, "{rollout:?}: {}", report.reason);
        let record = stage.records().pop().unwrap();
        assert_eq!((record.kind, &record.version), (RecordKind::Drill, &None));
        assert_eq!(stage.snapshot("api").task_definition, Some(td("api:1")));
    }
}

#[test]
fn a_drill_that_nothing_finds_has_failed_and_is_put_back_all_the_same() {
    let (stage, report) = drill(succeeds());
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    let failure = report.state.components.values().next().unwrap().failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::Undetected);
    assert_eq!(stage.snapshot("api").task_definition, Some(td("api:1")));
}

#[test]
fn a_drill_needs_an_environment_that_allows_it() {
    let stage = Stage::open();
    let error = stage.run(stage.engine().drill(stage.request("d-1"))).unwrap_err();
    assert!(matches!(error, EngineError::NoDrill(_)), "{error}");
    assert_eq!(calls(&stage, Operation::UpdateService), 0);
}

/// A stuck service: what is set was given up by ECS, and a person goes back to it once the cause is mended.
#[test]
fn what_is_set_and_was_given_up_is_tried_anew_by_one_update() {
    let stage = stage("", succeeds());
    stage.answers("1.1.0", json!({ "status": "critical" }));
    stage.ports.ecs.script(image("1.0.0").digest(), Rollout::BreakerStops { after: seconds(8) });
    assert_eq!(promote(&stage).outcome, Outcome::Stuck);
    stage.ports.ecs.script(image("1.0.0").digest(), succeeds());
    let before = calls(&stage, Operation::UpdateService);
    let report = stage.restore("p-back").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
    assert_eq!(calls(&stage, Operation::UpdateService), before + 1);
}
