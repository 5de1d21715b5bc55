//! Scenario 134: a pooled connection that the network forgot.
//!
//! In the wild: after a quarter of an hour of waiting, a NAT had dropped the idle connection without a word; the next
//! request went into it and never came back.
//!
//! Demanded: the request times out and is made on a fresh connection; an update that went into a dead connection is
//! settled by reading, so that there is exactly one.
//!
//! Not here: nothing is uploaded to S3 yet; the same is asked of ECS.

use std::time::Duration;

use towpath_cli::Exit;
use towpath_tests::scenario::{Play, Proxy, Shop, Told};

async fn forgotten_when(event: &'static str, delay: Duration) -> (Play, Proxy, Told) {
    let shop = Shop::new().patience(|patience| {
        (patience.attempt, patience.read) = (Duration::from_millis(300), Duration::from_secs(2));
    });
    let mut play = shop.open().await;
    let proxy = Proxy::to(&play.stage.simulator.endpoint());
    play.stage.endpoint = Some(proxy.url());
    let forgets = proxy.clone();
    play.when(event, delay, move |_| forgets.forget());
    let told = play.promote("1.1.0").await;
    (play, proxy, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_into_a_dead_connection_is_made_again_on_a_fresh_one() {
    let (_play, proxy, told) = forgotten_when("update-accepted", Duration::from_secs(10)).await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert!(proxy.connections() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_into_a_dead_connection_is_settled_by_reading() {
    for event in ["checked", "registered"] {
        let (_play, _proxy, told) = forgotten_when(event, Duration::ZERO).await;
        told.ends(Exit::Done).sent("RegisterTaskDefinition", 1).sent("UpdateService", 1).serves("shop-api-dev:2");
    }
}
