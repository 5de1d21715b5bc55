//! Scenario 102: 503 in the middle of an upload.
//!
//! In the wild: `SlowDown` came with a code, without one, or with an empty body, and ended the upload.
//!
//! Demanded: it is recognised by its status too, waited out, and the order is kept.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::SiteShop;

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
