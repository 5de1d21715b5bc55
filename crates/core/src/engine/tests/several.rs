//! Several components: what happens to them side by side is all told, and a failure of one undoes the other.

use std::time::Duration;

use serde_json::json;

use crate::{
    fakes::{Mishap, Outcome as Rollout},
    ports::Fault,
    promotion::{ComponentPhase, Outcome},
};

use super::{
    sabotage::{Lasts, Sabotage, Wrong},
    stage::{CONFIGURATION, Stage, td},
};

const WORKER: &str = r#"
[components.worker]
kind = "service"
cluster = "shop-dev"
service = "worker"
"#;

fn stage() -> Stage {
    let stage = Stage::with(&format!("{CONFIGURATION}{WORKER}"), &["api", "worker"]);
    stage.release_of("1.2.0", &["api", "worker"], Rollout::Succeeds { after: Duration::from_secs(8) });
    stage.ports.sabotage(None);
    stage
}

fn denied() -> Wrong {
    Wrong::Call(Mishap::NotCarriedOut(Fault::Denied { principal: None, action: None, resource: None }))
}

fn phase<'a>(report: &'a crate::engine::Report, component: &str) -> &'a ComponentPhase {
    &report.state.components[&component.parse().unwrap()].phase
}

#[test]
fn two_registrations_that_fail_side_by_side_end_in_a_record() {
    let stage = stage();
    let place = ("task_definitions:register", 1);
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::ThatOperation, wrong: denied() }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Unauthorized, "{}", report.reason);
    assert!(report.state.components.values().all(|component| component.failure.is_some()));
    assert_eq!(stage.records().pop().unwrap().outcome, Outcome::Unauthorized);
}

#[test]
fn a_registration_beside_one_that_failed_is_kept_in_the_record() {
    let stage = stage();
    let place = ("task_definitions:register", 1);
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong: denied() }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Unauthorized, "{}", report.reason);
    let record = stage.records().pop().unwrap();
    let after: Vec<_> = record.components.values().filter_map(|component| component.after.clone()).collect();
    assert_eq!(after, [td("worker:2")], "nothing that was made is forgotten");
    assert!(stage.ports.updates().is_empty());
}

/// 40: half of a release of several services.
#[test]
fn an_update_that_is_refused_undoes_the_one_beside_it() {
    let stage = stage();
    let place = ("services:update", 2);
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong: denied() }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
    assert_eq!(stage.serves("worker"), ["1.0.0"]);
    assert_eq!(*phase(&report, "worker"), ComponentPhase::Untouched);
}

#[test]
fn an_unchanged_component_that_passes_beside_one_that_fails_holds_up_no_rollback() {
    let smoke = r#"
[[components.worker.smoke]]
url = "https://worker.dev.example.com/version"
interval = "5s"
deadline = "20s"
"#;
    let stage = Stage::with(&format!("{CONFIGURATION}{WORKER}{smoke}"), &["api", "worker"]);
    let rollout = Rollout::Succeeds { after: Duration::from_secs(8) };
    stage.release_of("1.2.0", &["api", "worker"], rollout);
    stage.ports.ecs.deploy_as_somebody_else(&super::stage::key("worker"), &worker(&stage)).unwrap();
    stage.ports.clock.advance(Duration::from_mins(1));
    stage.answers("1.2.0", json!({ "status": "critical" }));
    let report = stage.promote("1.2.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.serves("api"), ["1.0.0"]);
    assert_eq!(stage.serves("worker"), ["1.2.0"], "what was not touched is not put back");
}

/// A revision of the worker that runs 1.2.0 already.
fn worker(stage: &Stage) -> crate::identifier::TaskDefinitionArn {
    stage.ports.ecs.add_task_definition(super::stage::document("worker", "1.2.0")).unwrap()
}

/// Both components crash for ever, and each log takes so long to read: the names of the events from the first diagnosis
/// on, and how long it took from the updates to them.
fn both_crash(log_takes: Duration) -> (Vec<String>, i64) {
    let stage = Stage::with(&format!("{CONFIGURATION}{WORKER}"), &["api", "worker"]);
    stage.release_of("1.2.0", &["api", "worker"], Rollout::CrashLoops { every: Duration::from_secs(40) });
    stage.ports.takes("logs:last", log_takes);
    let record = stage.promote("1.2.0", "p-1").unwrap().record.unwrap();
    assert!(record.components.values().all(|component| component.diagnosis.is_some()), "each is diagnosed");
    let at = |name: &str| record.timeline.iter().find(|entry| entry.event == name).unwrap().at;
    let told = record.timeline.iter().skip_while(|entry| entry.event != "diagnosed").take(4);
    let told = told.map(|entry| format!("{} {}", entry.event, entry.component.as_ref().unwrap())).collect();
    (told, at("diagnosed").duration_since(at("update-accepted")).as_secs())
}

#[test]
fn components_that_end_badly_at_once_are_diagnosed_side_by_side_and_told_in_order() {
    let (told, at_once) = both_crash(Duration::ZERO);
    assert_eq!(told, ["diagnosed api", "failed api", "diagnosed worker", "failed worker"]);
    let (told_slowly, slowly) = both_crash(Duration::from_secs(10));
    assert_eq!(told_slowly, told);
    assert_eq!(slowly - at_once, 10, "the second does not wait for the first");
}
