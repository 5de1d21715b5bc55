//! Scenario 102: 503 in the middle of an upload.
//!
//! In the wild: `SlowDown` came with a code, without one, or with an empty body, and ended the upload.
//!
//! Demanded: it is recognised by its status too, waited out, and the order is kept, of a file that is sent in parts as
//! well; where one part is refused for good, nothing is left of the others.

use std::collections::BTreeMap;

use towpath_aws::Limits;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{SiteShop, build};

/// Files of more than 300 KiB are sent in parts of 200 KiB.
const LIMITS: Limits = Limits { whole: 300 << 10, part: 200 << 10, whole_copy: 5 << 30, copied_part: 256 << 20 };

/// A build with a file that is sent in four parts.
fn with_a_film(version: &str) -> BTreeMap<String, String> {
    let film = version.chars().cycle().take(700 << 10).collect();
    build(version).into_iter().chain([("film.mp4".to_owned(), film)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_throttled_is_waited_out_and_the_order_is_kept() {
    for code in ["SlowDown", "ServiceUnavailable", "503"] {
        let busy = Fault {
            on: vec![1, 3, 4],
            status: Some(503),
            code: Some(code.to_owned()),
            ..Fault::new("PutObject", FaultKind::Status)
        };
        let play = SiteShop::new().fault(busy).open().await;
        let told = play.publish("1.0.0").await;
        told.ends(Exit::Done);
        let written = told.written();
        assert_eq!(written.last().unwrap(), ".towpath/site.json", "{code}: {written:?}");
        assert_eq!(written.iter().rev().nth(1).unwrap(), "index.html", "{code}: {written:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_s3_gets_every_part_in_the_end() {
    let busy = Fault {
        on: vec![2, 3],
        status: Some(503),
        code: Some("SlowDown".to_owned()),
        ..Fault::new("UploadPart", FaultKind::Status)
    };
    let play = SiteShop::new().in_parts(LIMITS).fault(busy).open().await;
    play.release_of("1.0.0", &with_a_film("1.0.0")).await;
    let told = play.promote("1.0.0").await;
    told.ends(Exit::Done);
    assert_eq!(told.accepted("UploadPart").len(), 4, "{}", told.story());
    assert_eq!(play.visit("film.mp4").await.2, with_a_film("1.0.0")["film.mp4"]);
    assert_eq!(play.unended().await, [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_refused_for_good_leaves_nothing_of_the_others() {
    let play = SiteShop::new().in_parts(LIMITS).open().await;
    play.publish("1.0.0").await.ends(Exit::Done);
    play.release_of("1.1.0", &with_a_film("1.1.0")).await;
    let refused = Fault {
        from: Some(3),
        status: Some(403),
        code: Some("AccessDenied".to_owned()),
        ..Fault::new("UploadPart", FaultKind::Status)
    };
    play.stage.simulator.add_fault(refused);
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Credentials).says("film.mp4");
    assert_eq!(told.accepted("AbortMultipartUpload").len(), 1, "{}", told.story());
    assert_eq!(play.unended().await, [] as [String; 0], "{}", told.story());
    assert!(!play.keys().await.contains(&"film.mp4".to_owned()));
    assert!(play.visit("").await.2.contains("1.0.0"));
    play.stage.simulator.clear_faults();
    play.promote("1.1.0").await.ends(Exit::Done);
    assert_eq!(play.visit("film.mp4").await.2, with_a_film("1.1.0")["film.mp4"]);
}
