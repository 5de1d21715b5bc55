//! Scenario 16: fire and forget, reported as success.
//!
//! In the wild: the tool returned once the update was accepted; all tasks failed, and an environment was a week behind under
//! four green runs.
//!
//! Demanded: no exit 0 without proof: a run that ends before the rollout does says so, claims nothing, asks no smoke check
//! and records no proof; the end that ECS comes to later is found out by the next run.
//!
//! Not here: there is no `--no-wait`, and it is refused as an unknown option, exit 2.

use std::time::Duration;

use serde_json::json;
use towpath_cli::{Exit, Printer, Variables};
use towpath_tests::scenario::Shop;

#[test]
fn there_is_no_way_not_to_wait() {
    let words = ["towpath", "promote", "dev", "--release", "1.1.0", "--no-wait"];
    let exit = towpath_cli::run(words, &Printer::to(std::io::sink(), std::io::sink()), Variables::default());
    assert_eq!(exit, Exit::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_the_end_claims_nothing() {
    let mut play = Shop::new().image("1.1.0", &json!({ "fails-to-start": "no such file" })).open().await;
    play.interrupt_when("update-accepted", Duration::from_secs(1));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Interrupted).never_says("(proven)").never_says("succeeded").sent("UpdateService", 1);
    let component = told.record().components.values().next().unwrap();
    assert!(component.serves.is_none() && component.smoke.is_empty(), "{component:?}");
    play.no_interrupt();
    play.resume().await.ends(Exit::RolledBack).serves("shop-api-dev:1");
}
