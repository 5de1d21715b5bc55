//! Scenario 138: the runner's clock is wrong.
//!
//! In the wild: a request that is signed with a time more than a quarter of an hour off is refused; ages of locks were
//! computed from two clocks.
//!
//! Demanded: a refusal for the clock's sake is told as such, exit 3, with nothing changed;
//! the simulated time is months away from the machine's, so that a duration taken from the wrong clock would show in
//! every scenario; the lease counts by the ledger's time, whatever the machine's is.

use towpath_cli::Exit;
use towpath_tests::scenario::{Death, Shop, refused};

const SKEWED: &str =
    "Signature expired: 20260302T090000Z is now earlier than 20260302T091000Z (20260302T091500Z - 5 min.)";

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_stays_wrong_is_told_and_nothing_is_changed() {
    let play = Shop::new().fault(refused("DescribeServices", "InvalidSignatureException", SKEWED)).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Credentials).says("clock").changed_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_ends_by_the_ledgers_time() {
    let play = Shop::new().open().await;
    assert!(play.promote_and_die("1.1.0", Death::Before(20)).await.is_none());
    // The world's clock goes on, the ledger's does not: the lease has not ended.
    play.stage.simulator.advance(std::time::Duration::from_hours(2));
    play.promote("1.2.0").await.ends(Exit::Held).changed_nothing();
}
