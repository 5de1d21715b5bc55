//! Scenario 118: cancelled on the way.
//!
//! In the wild: a workflow that is cancelled sends SIGINT, 7.5 seconds later SIGTERM, and 2.5 seconds later kills;
//! tools that handled neither left a half-done deployment without a word.
//!
//! Demanded: nothing that changes anything is begun any more, what is in flight is finished; exit 130 with a record;
//! no rollback is begun that nobody would watch; it is said that ECS goes on by itself and with which deployment; the run
//! can be resumed.
//! Where the configuration asks for it, one call asks ECS to go back, and it is said that nobody waited for it.

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

fn asked_back(shop: Shop) -> Shop {
    let on_cancel = "region = \"us-west-2\"\non-cancel = \"rollback\"";
    shop.configured("region = \"us-west-2\"", on_cancel)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_wanted_one_call_asks_ecs_back_and_nothing_is_claimed_of_it() {
    let (mut play, told) = cancelled(asked_back(Shop::new()), "update-accepted", 8).await;
    let asked = told.accepted("UpdateService").len() - 1 + told.accepted("StopServiceDeployment").len();
    assert_eq!(asked, 1, "{}", told.story());
    told.says("was not waited for").never_says("(proven)").never_says("rolled back and");
    let told = play.resume().await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1");
    let asked = told.accepted("UpdateService").len() - 1 + told.accepted("StopServiceDeployment").len();
    assert_eq!(asked, 1, "the next run finds it asked for\n{}", told.story());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_wanted_after_the_rollout_the_one_call_is_an_update() {
    let (mut play, told) = cancelled(asked_back(bad()), "rolled-out", 1).await;
    told.sent("UpdateService", 2).sent("StopServiceDeployment", 0).says("was not waited for");
    play.resume().await.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
}
