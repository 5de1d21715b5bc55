//! Scenario 25: events of an earlier deployment are shown as this one's failure.
//!
//! In the wild: the list of a service's events holds the last hundred, whoever caused them; people mended what had been
//! mended the week before.
//!
//! Demanded: only what happened after our own update, by ECS's clock, and only tasks of our own deployment are told.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::engine::Notice;
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_is_not_told_of_this_one() {
    let shop = Shop::new()
        .image("1.1.0", &json!({ "fails-to-start": "CannotPullContainerError: first trouble: not found" }))
        .image("1.2.0", &json!({ "fails-to-start": "CannotStartContainerError: second trouble: exec format error" }));
    let play = shop.open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).says("first trouble");
    let before = told.truth.service["events"].as_array().unwrap().clone();
    assert!(before.iter().any(|event| event["message"].as_str().unwrap().contains("tasks failed to start")));
    play.stage.simulator.advance(Duration::from_mins(2));
    let told = play.promote("1.2.0").await;

    told.ends(Exit::RolledBack).says("second trouble").never_says("first trouble");
    assert!(!told.diagnosis().contains("first trouble"), "{}", told.diagnosis());
    assert!(!told.notes().contains("first trouble"), "{}", told.notes());
    let updated = told.accepted("UpdateService")[0].time;
    let said = told.notices.iter().filter_map(|notice| match notice {
        Notice::Said { event, .. } => event.at,
        _ => None,
    });
    let said: Vec<_> = said.collect();
    assert!(said.len() > 2 && said.iter().all(|at| *at >= updated), "since {updated}: {said:?}");
}
