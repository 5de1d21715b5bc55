//! Scenario 109: a fallback page hides what is missing.
//!
//! In the wild: the distribution answered every missing file with the start page and 200; the check of the bundle passed,
//! and visitors saw a blank page.
//!
//! Demanded: what visitors get is held against the release's bytes and types.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind, OtherCall};
use towpath_tests::scenario::{BUCKET, SiteShop};

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_answered_with_a_page_fails_the_release() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    // Somebody deletes the bundle while the entry is written.
    let input = serde_json::json!({ "Bucket": BUCKET, "Key": "assets/app-110ab12c.js" });
    let call = OtherCall {
        service: None,
        operation: "DeleteObject".to_owned(),
        input: input.as_object().cloned().unwrap_or_default(),
    };
    let lost = Fault { on: vec![3], call: Some(call), ..Fault::new("PutObject", FaultKind::InterfereAfter) };
    play.stage.simulator.add_fault(lost);
    let told = play.publish("1.1.0").await;
    told.ends(Exit::RolledBack).says("content type text/html");
    assert!(play.visit("").await.2.contains("1.0.0"));
}
