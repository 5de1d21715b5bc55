//! Scenario 93: old files are deleted before the new ones are there.
//!
//! In the wild: a sync with deletion failed half-way; the old assets were gone, the new ones not there, and cached pages
//! asked for both.
//!
//! Demanded: assets, then documents, then the marker, and deletions after all of it is proven; a release before the kept
//! ones at the earliest. Where an upload is refused, nothing is deleted and the site is wholly the old one.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::SiteShop;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_half_way_leaves_the_old_site_whole() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    let refused = Fault {
        from: Some(1),
        status: Some(403),
        code: Some("AccessDenied".to_owned()),
        ..Fault::new("PutObject", FaultKind::Status)
    };
    play.stage.simulator.add_fault(refused);
    let told = play.publish("1.1.0").await;
    told.ends(Exit::Credentials).says("changed  web: nothing");
    assert_eq!(told.accepted("DeleteObjects").len() + told.written().len(), 0, "{}", told.story());
    play.stage.simulator.clear_faults();
    assert!(play.visit("").await.2.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn deletions_come_last_and_only_of_releases_before_the_kept_ones() {
    let play = SiteShop::new().setting("keep = 1").open().await;
    for version in ["1.0.0", "1.1.0"] {
        let told = play.publish(version).await;
        told.ends(Exit::Done);
        assert_eq!(told.accepted("DeleteObjects").len(), 0, "{}", told.story());
    }
    let told = play.publish("1.2.0").await;
    told.ends(Exit::Done).sent_last("DeleteObjects");
    let keys = play.keys().await;
    assert!(!keys.contains(&"assets/app-100ab12c.js".to_owned()), "{keys:?}");
    assert!(keys.contains(&"assets/app-110ab12c.js".to_owned()), "open tabs need it: {keys:?}");
}
