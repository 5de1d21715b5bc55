//! Scenario 109: a fallback page hides what is missing.
//!
//! In the wild: the distribution answered every missing file with the start page and 200; the check of the bundle passed,
//! and visitors saw a blank page.
//!
//! Demanded: what visitors get is held against the release's bytes and types, the bundle's and the runtime file's as
//! well; what edges have kept from before is found out like that, too.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind, OtherCall};
use towpath_tests::scenario::{BUCKET, SitePlay, SiteShop, build};

/// The runtime file, which names the release.
const RUNTIME: &str = r#"runtime = { path = "config.json", values = { release = "{version}" } }"#;

/// Somebody deletes that key just after the write of that number.
fn lost(key: &str, after: u64) -> Fault {
    let input = serde_json::json!({ "Bucket": BUCKET, "Key": key });
    let call = OtherCall {
        service: None,
        operation: "DeleteObject".to_owned(),
        input: input.as_object().cloned().unwrap_or_default(),
    };
    Fault { on: vec![after], call: Some(call), ..Fault::new("PutObject", FaultKind::InterfereAfter) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_answered_with_a_page_fails_the_release() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    // While the entry is written.
    play.stage.simulator.add_fault(lost("assets/app-110ab12c.js", 3));
    let told = play.publish("1.1.0").await;
    told.ends(Exit::RolledBack).says("content type text/html");
    assert!(play.visit("").await.2.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_file_that_is_answered_with_a_page_fails_the_release() {
    let play = SiteShop::new().setting(RUNTIME).open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    // The script, then the runtime file.
    play.stage.simulator.add_fault(lost("config.json", 2));
    let told = play.publish("1.1.0").await;
    told.ends(Exit::RolledBack).says("/config.json did not pass").says("content type text/html");
    assert!(play.visit("").await.2.contains("1.0.0"));
    let (status, content_type, text) = play.visit("config.json").await;
    assert_eq!((status, content_type.as_str()), (200, "application/json"));
    assert!(text.contains("1.0.0"), "{text}");
}

/// The same build in a release of another version: the runtime file alone is another.
async fn brings_another_runtime_file(play: &SitePlay) -> towpath_tests::scenario::SiteTold {
    play.publish("1.0.0").await.ends(Exit::Done);
    assert!(play.visit("config.json").await.2.contains("1.0.0"), "edges keep it for a day from now on");
    play.release_of("1.1.0", &build("1.0.0")).await;
    play.promote("1.1.0").await
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_are_told_of_a_runtime_file_that_alone_is_another() {
    let shop = SiteShop::new().setting(RUNTIME);
    let play = shop.world(|world| world["distributions"][0]["min-ttl"] = 86_400.into()).open().await;
    let told = brings_another_runtime_file(&play).await;
    told.ends(Exit::Done);
    assert_eq!(told.written(), ["config.json", ".towpath/site.json"], "{}", told.story());
    assert_eq!(play.invalidations().await.last().unwrap().1, ["/config.json"]);
    assert!(play.visit("config.json").await.2.contains("1.1.0"));
}

/// Edges take longer than visitors are given: what they answer is not what was published.
#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_file_that_edges_have_kept_from_before_is_not_proven() {
    let play = SiteShop::new().setting(RUNTIME).setting("wait = false").world(|world| {
        world["distributions"][0]["min-ttl"] = 86_400.into();
        world["distributions"][0]["locations"] = serde_json::json!([{ "name": "far", "lag": 3_600 }]);
    });
    let play = play.open().await;
    let told = brings_another_runtime_file(&play).await;
    told.ends(Exit::RolledBack).says("/config.json did not pass");
}
