//! Scenario 126: a lock is left behind by a run that was killed.
//!
//! In the wild: every later run waited for a lock whose holder was long gone, or stole the lock of one that was not.
//!
//! Demanded: the lease ends by itself, by the ledger's own time; it is taken over only then, or where a person says so;
//! whoever comes before is told who holds it and until when, exit 10; what the dead run began is gone on with, and nothing
//! else is begun beside it, exit 7.

use towpath_cli::Exit;
use towpath_tests::scenario::{Death, Shop};

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_runs_lease_is_respected_until_it_ends_and_its_work_is_gone_on_with() {
    let play = Shop::new().open().await;
    // It dies long after it took the lease: on one of its looks at the rollout.
    assert!(play.promote_and_die("1.1.0", Death::Before(20)).await.is_none());
    let told = play.promote("1.2.0").await;
    told.ends(Exit::Held).says("is at work here").says("run it again after").changed_nothing();
    play.resume_politely().await.ends(Exit::Held).says("--take-over");
    let clock = play.stage.clock();
    towpath_core::ports::Clock::sleep(&clock, play.stage.settings.lease_ttl).await;
    let told = play.promote("1.2.0").await;
    told.ends(Exit::Inconclusive).says("towpath resume dev").changed_nothing();
    play.resume_politely().await.ends(Exit::Done).serves("shop-api-dev:2");
    play.promote("1.2.0").await.ends(Exit::Done).serves("shop-api-dev:3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_take_it_over_before() {
    let mut play = Shop::new().open().await;
    assert!(play.promote_and_die("1.1.0", Death::Before(20)).await.is_none());
    play.resume().await.ends(Exit::Done).serves("shop-api-dev:2").sent("UpdateService", 1);
}
