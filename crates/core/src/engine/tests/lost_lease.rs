//! Somebody takes the lease at any call of a promotion: its holder changes nothing any more.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    fakes::{Outcome as Rollout, StoreOperation},
    ledger::{Lease, TakeOver},
};

use super::{executor, sabotage::Place, stage::Stage};

fn stage() -> Stage {
    let stage = Stage::open();
    stage.release("1.1.0", Rollout::Succeeds { after: Duration::from_secs(8) });
    stage.answers("1.1.0", json!({ "status": "critical" }));
    stage.ports.sabotage(None);
    stage
}

fn places() -> Vec<Place> {
    let stage = stage();
    let _report = stage.promote("1.1.0", "p-1").unwrap();
    stage.ports.calls()
}

fn is_change(operation: &str) -> bool {
    matches!(operation, "services:update" | "task_definitions:register")
}

/// The thief comes just before that call. The call itself may still go out; ECS cannot fence.
fn check(place: Place) {
    let stage = stage();
    let ports = Arc::clone(&stage.ports);
    let calls_before = Arc::new(std::sync::Mutex::new(None));
    let (calls, thief) = (Arc::clone(&calls_before), Arc::clone(&ports));
    ports.before(place, move || {
        *calls.lock().unwrap() = Some(thief.calls().len());
        let (dev, id) = ("dev".parse().unwrap(), "p-thief".parse().unwrap());
        let taken = Lease::acquire(&thief.store, &dev, &id, "thief", Duration::from_hours(1), TakeOver::Anyway);
        let _lease = executor::run(taken).unwrap().unwrap();
    });
    let result = stage.promote("1.1.0", "p-1");
    let Some(taken_at) = *calls_before.lock().unwrap() else { panic!("{place:?} is a call of this promotion") };
    let later = stage.ports.calls().split_off(taken_at);
    assert!(!later.iter().any(|(operation, _)| is_change(operation)), "{place:?}: {later:?}, {result:?}");
    let lease = executor::run(Lease::look(&stage.ports.store, &"dev".parse().unwrap())).unwrap().unwrap().unwrap();
    let began_after = matches!(&result, Ok(report) if report.state.fence.is_some_and(|fence| fence > 1));
    assert!(lease.holder == "thief" || began_after, "{place:?}: the thief keeps what it took: {lease:?}");
}

#[test]
fn whoever_has_lost_the_lease_changes_nothing_any_more() {
    let places = places();
    assert!(places.len() > 50 && places.iter().any(|(operation, _)| is_change(operation)));
    places.into_iter().for_each(check);
}

#[test]
fn a_lease_is_renewed_before_every_change() {
    let stage = stage();
    let _report = stage.promote("1.1.0", "p-1").unwrap();
    let calls = stage.ports.calls();
    let changes = (0..calls.len()).filter(|index| is_change(calls[*index].0));
    for change in changes {
        let before = calls[..change].iter().rev().find(|(operation, _)| operation.starts_with("store:"));
        assert_eq!(before.map(|(operation, _)| *operation), Some("store:replace"), "before {:?}", calls[change]);
    }
    let operations = stage.ports.store.operations();
    assert!(
        operations.iter().any(|(operation, key)| *operation == StoreOperation::Replace && key.ends_with("lease.json"))
    );
}
