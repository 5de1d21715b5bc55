//! Scenario 118: cancelled on the way.
//!
//! In the wild: a workflow that is cancelled sends SIGINT, 7.5 seconds later SIGTERM, and 2.5 seconds later kills;
//! tools that handled neither left a half-done deployment without a word.
//!
//! Demanded: nothing that changes anything is begun any more, what is in flight is finished; exit 130 with a record;
//! no rollback is begun that nobody would watch; it is said that ECS goes on by itself and with which deployment; the run
//! can be resumed.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::promotion::Outcome;
use towpath_tests::scenario::{Play, Shop, Told};

async fn cancelled(shop: Shop, event: &'static str, delay: u64) -> (Play, Told) {
    let play = shop.open().await;
    play.interrupt_when(event, Duration::from_secs(delay));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Interrupted).says("towpath resume dev");
    assert_eq!(told.record().outcome, Outcome::Interrupted);
    play.no_interrupt();
    (play, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_registration_nothing_is_changed() {
    for event in ["leased", "checked"] {
        let (mut play, told) = cancelled(Shop::new(), event, 0).await;
        told.changed_nothing();
        play.resume().await.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_registration_and_update_the_service_is_not_changed() {
    let (mut play, told) = cancelled(Shop::new(), "registered", 0).await;
    told.sent("RegisterTaskDefinition", 1).sent("UpdateService", 0).says("shop-api-dev:2 was registered");
    let told = play.resume().await;
    told.ends(Exit::Done).sent("RegisterTaskDefinition", 1).sent("UpdateService", 1).serves("shop-api-dev:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_ecs_rolls_out_it_is_left_to_go_on_and_said_so() {
    let (mut play, told) = cancelled(Shop::new(), "update-accepted", 8).await;
    told.sent("UpdateService", 1).sent("StopServiceDeployment", 0);
    let ours = told.truth.primary()["id"].as_str().unwrap().to_owned();
    told.says("ECS goes on").says(&ours);
    play.resume().await.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}

fn bad() -> Shop {
    Shop::new().image("1.1.0", &json!({ "routes": [{ "path": "/version", "status": 500 }] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_was_not_begun_is_not_begun() {
    let (mut play, told) = cancelled(bad(), "failed", 0).await;
    told.sent("UpdateService", 1);
    play.resume().await.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_was_begun_goes_on_by_itself() {
    let (mut play, told) = cancelled(bad(), "rollback-began", 5).await;
    told.sent("UpdateService", 2);
    assert_eq!(told.truth.revision(), "shop-api-dev:1", "the service is set back already");
    play.resume().await.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
}
