//! Scenario 105: too many invalidations, or throttled ones.
//!
//! In the wild: `TooManyInvalidationsInProgress` or `Throttling` ended the deployment, with the files live and the edges
//! stale, and nobody told what to do.
//!
//! Demanded: few paths; it is tried for minutes; then the run says that the files are live, names the command, and can be
//! resumed. Exit code 7 stands for that here, since the run goes on where it stood.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{SiteShop, build};

fn too_many() -> Fault {
    Fault {
        status: Some(400),
        code: Some("TooManyInvalidationsInProgress".to_owned()),
        ..Fault::new("CreateInvalidation", FaultKind::Status)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_quota_is_waited_out() {
    let play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    play.stage.simulator.add_fault(Fault { count: Some(3), ..too_many() });
    let told = play.publish("1.1.0").await;
    told.ends(Exit::Done);
    assert!(play.visit("").await.2.contains("1.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_that_cannot_be_told_are_told_by_the_run_that_resumes() {
    let mut play = SiteShop::new().open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    play.stage.simulator.add_fault(too_many());
    let told = play.publish("1.1.0").await;
    told.ends(Exit::Inconclusive)
        .says("the files are live")
        .says("aws cloudfront create-invalidation --distribution-id E123SHOP --paths");
    play.stage.simulator.clear_faults();
    play.resume().await.ends(Exit::Done);
    assert!(play.visit("").await.2.contains("1.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changed_pages_are_a_handful_of_paths() {
    let play = SiteShop::new().open().await;
    for version in ["1.0.0", "1.1.0"] {
        let mut files = build(version);
        files.extend((0..1000).map(|at| (format!("docs/page-{at}.html"), format!("<p>{version}"))));
        play.release_of(version, &files).await;
        play.promote(version).await.ends(Exit::Done);
    }
    let asked = play.invalidations().await;
    let (_, paths) = asked.last().unwrap();
    assert!(!paths.is_empty() && paths.len() <= 15, "{paths:?}");
    assert!(play.visit("docs/page-999.html").await.2.contains("1.1.0"));
}
