//! Scenario 58: infrastructure as code reverts our release later.
//!
//! In the wild: an hour after a deployment, `terraform apply` set the service back to the revision that it knew.
//!
//! Demanded: the status and the next promotion say that what serves is not what was last proven; what is gone back to
//! is chosen from what serves, not from the ledger alone.

use serde_json::json;
use towpath_cli::Exit;
use towpath_core::engine::{EnvironmentStatus, Health};
use towpath_tests::scenario::{Play, Shop};

/// 1.1.0 was proven, and terraform set the service back an hour later.
async fn reverted(shop: Shop) -> Play {
    let play = shop.open().await;
    play.promote("1.1.0").await.ends(Exit::Done);
    play.stage.simulator.advance(std::time::Duration::from_hours(1));
    let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "taskDefinition": "shop-api-dev:1" });
    play.somebody("UpdateService", &input);
    play.stage.simulator.advance(std::time::Duration::from_mins(10));
    play
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_promotion_says_it_and_goes_back_to_what_served() {
    let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
    let smoke = "[[components.api.smoke]]\nurl = \"ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev/version\"\ndeadline = \"10s\"\n";
    let play = reverted(Shop::new().smoke(smoke).image("1.2.0", &bad)).await;
    let told = play.promote("1.2.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").mentions("somebody deployed past Towpath");
    assert!(play.version().await.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_it() {
    let play = reverted(Shop::new()).await;
    let environment = play.stage.environment("dev").unwrap();
    let world = play.stage.world(environment).await.unwrap();
    let (status, _) = EnvironmentStatus::read(&play.stage.application, environment, &world).await.unwrap();
    let health: Vec<_> = status.components.values().map(|component| component.health).collect();
    assert_eq!(health, [Health::Drifted], "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reverted_release_can_be_brought_again() {
    let play = reverted(Shop::new()).await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2").says("succeeded");
}
