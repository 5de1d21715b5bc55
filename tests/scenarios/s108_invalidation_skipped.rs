//! Scenario 108: the invalidation is skipped because something else went wrong.
//!
//! In the wild: the backend's verdict came late, so the job ended before it told the edges; for hours they answered with
//! the old site while the bucket had the new one.
//!
//! Demanded: what changed files tells the edges on every way out, the way back too. Edges are told right after the
//! marker, so no verdict of anything else comes between.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{SiteShop, build};

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_tells_the_edges_too() {
    let shop = SiteShop::new()
        .setting("[[components.web.smoke]]\nurl = \"http://EDGE/health.txt\"\ncontains = \"good\"\ndeadline = \"20s\"");
    let play = shop.world(|world| world["distributions"][0]["min-ttl"] = 86_400.into()).open().await;
    for (version, health, exit) in [("1.0.0", "good", Exit::Done), ("1.1.0", "bad", Exit::RolledBack)] {
        let mut files = build(version);
        files.insert("health.txt".to_owned(), health.to_owned());
        play.release_of(version, &files).await;
        play.promote(version).await.ends(exit);
    }
    assert!(play.visit("").await.2.contains("1.0.0") && play.visit("health.txt").await.2.contains("good"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_dies_before_it_told_the_edges_leaves_that_to_the_next() {
    let mut play = SiteShop::new().world(|world| world["distributions"][0]["min-ttl"] = 86_400.into()).open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    let denied = Fault {
        status: Some(403),
        code: Some("AccessDenied".to_owned()),
        ..Fault::new("CreateInvalidation", FaultKind::Status)
    };
    play.stage.simulator.add_fault(denied);
    play.publish("1.1.0").await.ends(Exit::Inconclusive);
    assert!(play.visit("").await.2.contains("1.0.0"), "the edge has not forgotten");
    play.stage.simulator.clear_faults();
    play.resume().await.ends(Exit::Done);
    assert!(play.visit("").await.2.contains("1.1.0"));
}
