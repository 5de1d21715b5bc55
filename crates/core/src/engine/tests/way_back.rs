//! The way back: to what was proven, by at most one update, and told as stuck where it fails too. Numbers are those of
//! the list of incidents that the tests were made from.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    fakes::{Mishap, Outcome as Rollout},
    ports::Fault,
    promotion::Outcome,
};

use super::{
    sabotage::{Lasts, Sabotage, Wrong},
    stage::{Stage, image, key, td},
};

fn succeeds() -> Rollout {
    Rollout::Succeeds { after: Duration::from_secs(8) }
}

fn bad(stage: &Stage, version: &str) {
    stage.answers(version, json!({ "status": "critical" }));
}

fn outcome(stage: &Stage, version: &str, id: &str) -> Outcome {
    let report = stage.promote(version, id).unwrap();
    assert_eq!(report.unrecorded, None);
    report.outcome
}

/// 29: between the good revision and ours lie a failed one and one that was never deployed.
#[test]
fn what_is_gone_back_to_was_proven_and_is_not_revision_minus_one() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::Succeeded);
    stage.release("1.2.0", Rollout::BreakerRollsBack { after: Duration::from_secs(8) });
    assert_eq!(outcome(&stage, "1.2.0", "p-2"), Outcome::RolledBack);
    let never = stage.ports.ecs.add_task_definition(super::stage::document("api", "2.0.0")).unwrap();
    stage.release("1.3.0", succeeds());
    bad(&stage, "1.3.0");
    assert_eq!(outcome(&stage, "1.3.0", "p-3"), Outcome::RolledBack);
    assert_eq!(stage.serves("api"), ["1.1.0"]);
    assert!(stage.ports.updates().iter().all(|(_, revision)| *revision != never));
    assert_eq!(stage.ports.updates().last().unwrap().1, td("api:2"));
}

/// 33: what is gone back to fails as well.
#[test]
fn a_rollback_that_fails_too_is_stuck() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    stage.ports.ecs.script(image("1.0.0").digest(), Rollout::BreakerStops { after: Duration::from_secs(8) });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
    assert!(report.reason.contains("gave the way back up"), "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 2, "it is not tried again blindly");
    let record = stage.records().pop().unwrap();
    assert!(record.components.values().all(|component| component.serves.is_none()), "nothing is claimed to serve");
}

#[test]
fn what_fails_its_smoke_checks_after_the_way_back_is_stuck() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    let refused = crate::fakes::ScriptedProbe::refused();
    stage.probe.script("https://api.dev.example.com/version", [refused]);
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
}

/// 34: nothing was ever complete here.
#[test]
fn a_first_deployment_that_fails_is_stuck_and_nothing_is_sent_back() {
    let stage = Stage::open();
    stage.ports.ecs.distort(&key("api"), |snapshot| {
        for deployment in snapshot.deployments.iter_mut().filter(|one| one.task_definition == td("api:1")) {
            deployment.rollout = Some(crate::rollout::RolloutState::Failed);
            deployment.running = 0;
        }
    });
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
    assert!(report.reason.contains("nothing to go back to"), "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 1);
}

/// 127: the revision that serves was given up by ECS in a run before.
#[test]
fn a_fix_is_brought_over_a_deployment_that_was_given_up() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::Succeeded);
    let broken = stage.ports.ecs.add_task_definition(super::stage::document("api", "2.0.0")).unwrap();
    stage.ports.ecs.script(image("2.0.0").digest(), Rollout::BreakerStops { after: Duration::from_secs(8) });
    stage.ports.ecs.deploy_as_somebody_else(&key("api"), &broken).unwrap();
    stage.ports.clock.advance(Duration::from_mins(1));
    stage.release("1.2.0", succeeds());
    let report = stage.promote("1.2.0", "p-2").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    let plan = &report.state.components.values().next().unwrap().plan;
    assert_eq!(plan.target.as_ref().unwrap().serving.task_definition, td("api:2"), "the last that was proven");
}

/// 36: the rollout ends well between the decision and the call, or ECS takes it back itself.
#[test]
fn what_ecs_has_taken_back_meanwhile_is_not_sent_again() {
    let stage = Stage::open();
    stage.release("1.1.0", Rollout::BreakerRollsBack { after: Duration::from_secs(8) });
    let ports = Arc::clone(&stage.ports);
    stage.ports.sabotage(None);
    stage.ports.before(("services:describe", 8), move || {
        ports.clock.advance(Duration::from_mins(10));
    });
    let report = stage.promote("1.1.0", "p-1").unwrap();
    assert!(stage.ports.calls().contains(&("services:describe", 8)));
    assert_eq!(report.outcome, Outcome::RolledBack, "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 1);
}

#[test]
fn a_rollback_that_cannot_be_sent_now_is_sent_a_little_later() {
    for fault in [Fault::NotSent, Fault::Throttled, Fault::Ambiguous] {
        let stage = Stage::open();
        stage.release("1.1.0", succeeds());
        bad(&stage, "1.1.0");
        let (place, wrong) = (("services:update", 2), Wrong::Call(Mishap::NotCarriedOut(fault.clone())));
        stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong }));
        assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::RolledBack, "{fault:?}");
        assert_eq!(stage.ports.updates().len(), 2, "{fault:?}");
    }
}

/// Who was judged bad here is no baseline, though ECS calls it complete.
#[test]
fn a_release_that_is_stuck_is_never_adopted() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let (place, wrong) = (("services:update", 2), Wrong::Call(Mishap::NotCarriedOut(denied)));
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong }));
    assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::Stuck);
    assert_eq!(stage.serves("api"), ["1.1.0"], "the bad release still serves");

    stage.release("1.2.0", succeeds());
    bad(&stage, "1.2.0");
    assert_eq!(outcome(&stage, "1.2.0", "p-2"), Outcome::RolledBack);
    assert_eq!(stage.serves("api"), ["1.0.0"], "back to what was proven, not to what was stuck");
}

#[test]
fn an_index_that_cannot_be_looked_into_condemns_nobody() {
    for fault in [Fault::Throttled, Fault::Unauthenticated, Fault::NotFound] {
        let stage = Stage::open();
        stage.release("1.1.0", succeeds());
        let (place, wrong) = (("images:children", 1), Wrong::Call(Mishap::NotCarriedOut(fault.clone())));
        stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong }));
        let report = stage.promote("1.1.0", "p-1").unwrap();
        let report = if report.outcome.is_final() { report } else { stage.resume().unwrap() };
        assert_eq!(report.outcome, Outcome::Succeeded, "{fault:?}: {}", report.reason);
        assert_eq!(stage.ports.updates().len(), 1, "{fault:?}");
    }
}

/// 130, and invariant 4: contact is lost just after the update, so nobody knows whether it arrived.
#[test]
fn an_update_whose_fate_cannot_be_read_is_never_sent_again() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    let (place, wrong) = (("services:update", 1), Wrong::Call(Mishap::Unanswered));
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::ThatSide, wrong }));
    assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::Inconclusive);
    assert_eq!(stage.ports.calls().iter().filter(|(operation, _)| *operation == "services:update").count(), 1);
    stage.ports.sabotage(None);
    stage.ports.clock.advance(Duration::from_mins(5));
    assert_eq!(stage.resume().unwrap().outcome, Outcome::Succeeded);
    assert_eq!(stage.ports.updates().len(), 1);
}

/// 7: ECS took ours back, and before we look somebody brings a fix of theirs.
#[test]
fn a_fix_that_somebody_brings_after_ecs_rolled_back_is_not_undone() {
    let mut undone = Vec::new();
    for nth in 3..16 {
        let stage = Stage::open();
        let after = Duration::from_secs(8);
        stage.release("1.1.0", Rollout::BreakerRollsBack { after });
        let ports = Arc::clone(&stage.ports);
        stage.ports.sabotage(None);
        stage.ports.before(("services:describe", nth), move || {
            let fix = super::stage::document("api", "2.0.0");
            let fix = ports.ecs.add_task_definition(fix).unwrap();
            ports.ecs.deploy_as_somebody_else(&key("api"), &fix).unwrap();
        });
        let report = stage.promote("1.1.0", "p-1").unwrap();
        stage.ports.clock.advance(Duration::from_mins(5));
        let is_theirs = stage.serves("api") == ["2.0.0"];
        let never_came = !stage.ports.calls().contains(&("services:describe", nth));
        if !is_theirs && !never_came {
            undone.push((nth, report.outcome, report.reason));
        }
    }
    assert!(undone.is_empty(), "{undone:#?}");
}

/// Nobody can tell that it was us but by what the revision says.
#[test]
fn a_way_back_under_another_number_that_was_never_written_down_is_known_again() {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    let ports = Arc::clone(&stage.ports);
    stage.ports.before(("services:update", 1), move || {
        ports.ecs.deregister(&td("api:1"));
        ports.store.disconnect();
    });
    let first = stage.promote("1.1.0", "p-1").unwrap();
    assert_eq!(first.outcome, Outcome::RolledBack, "{}", first.reason);
    assert!(first.unrecorded.is_some(), "the store was gone");
    stage.ports.store.reconnect();
    stage.ports.clock.advance(Duration::from_mins(5));
    let resumed = stage.resume().unwrap();
    assert_eq!(resumed.outcome, Outcome::RolledBack, "{}", resumed.reason);
    assert_eq!(stage.ports.updates().len(), 2, "one each way");
    let record = stage.records().pop().unwrap();
    let serves = record.components.values().next().unwrap().serves.as_ref().unwrap();
    assert_eq!(serves.task_definition, td("api:3"), "the record names what really serves");
}

/// The bad release serves, and somebody has deregistered what a person wants back.
#[test]
fn what_was_deregistered_can_be_gone_back_to_by_hand() {
    let stage = stuck_stage();
    stage.ports.ecs.deregister(&td("api:1"));
    let report = stage.restore("p-back").unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{}", report.reason);
    assert_eq!(stage.ports.ecs.serving(&key("api")), [td("api:3")], "an identical revision");
    assert_eq!(stage.serves("api"), ["1.0.0"]);
}

#[test]
fn a_way_back_by_hand_that_fails_too_is_stuck_and_comes_to_an_end() {
    let stage = stuck_stage();
    stage.ports.ecs.script(image("1.0.0").digest(), Rollout::BreakerStops { after: Duration::from_secs(8) });
    let report = stage.restore("p-back").unwrap();
    assert_eq!(report.outcome, Outcome::Stuck, "{}", report.reason);
    assert!(report.reason.contains("nothing to go back to"), "{}", report.reason);
    assert_eq!(stage.ports.updates().len(), 2, "the release, and the way back by hand");
}

/// The bad release serves, since the way back was denied.
fn stuck_stage() -> Stage {
    let stage = Stage::open();
    stage.release("1.1.0", succeeds());
    bad(&stage, "1.1.0");
    let denied = Fault::Denied { principal: None, action: None, resource: None };
    let (place, wrong) = (("services:update", 2), Wrong::Call(Mishap::NotCarriedOut(denied)));
    stage.ports.sabotage(Some(Sabotage { place, lasts: Lasts::Once, wrong }));
    assert_eq!(outcome(&stage, "1.1.0", "p-1"), Outcome::Stuck);
    stage.ports.sabotage(None);
    stage
}
