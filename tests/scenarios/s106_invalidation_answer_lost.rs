//! Scenario 106: 503 to an invalidation, or its answer is lost.
//!
//! In the wild: CloudFront answered 503 a few times in a row; each retry made another invalidation, or the site was put
//! back although its files were right.
//!
//! Demanded: one caller reference for one invalidation, however often it is asked for; the site is never put back for it.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::SiteShop;

#[tokio::test(flavor = "multi_thread")]
async fn however_often_it_is_asked_for_it_is_one_invalidation() {
    let busy = Fault {
        count: Some(4),
        status: Some(503),
        code: Some("ServiceUnavailable".to_owned()),
        ..Fault::new("CreateInvalidation", FaultKind::Status)
    };
    let lost = Fault { count: Some(1), ..Fault::new("CreateInvalidation", FaultKind::DropAfter) };
    for fault in [busy, lost] {
        let play = SiteShop::new().open().await;
        play.publish("1.0.0").await.ends(Exit::Done);
        play.stage.simulator.add_fault(fault);
        let told = play.publish("1.1.0").await;
        told.ends(Exit::Done);
        let asked = play.invalidations().await;
        let of_release: Vec<_> = asked.iter().filter(|(reference, _)| reference == "towpath-p-2-web").collect();
        assert_eq!(of_release.len(), 1, "{asked:?}\n{}", told.story());
        assert!(play.visit("").await.2.contains("1.1.0"));
    }
}
