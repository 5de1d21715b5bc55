//! Scenario 135: the SDK's protection against stalled streams ends slow but healthy transfers.
//!
//! In the wild: nothing moved for some seconds, and the SDK broke the transfer off with "dispatch failure".
//!
//! Demanded: an answer that comes late is taken, and nothing is sent twice because of it.
//!
//! Not here: nothing large is transferred yet; the same is asked of the calls that there are.

use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_longer_than_the_sdks_grace_is_taken() {
    let late = |operation| Fault { delay_ms: Some(6_000), count: Some(1), ..Fault::new(operation, FaultKind::Delay) };
    let play = Shop::new().fault(late("UpdateService")).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert_eq!(told.inputs("UpdateService").len(), 1);
}
