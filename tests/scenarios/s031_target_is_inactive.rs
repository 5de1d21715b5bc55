//! Scenario 31: what should be gone back to is INACTIVE.
//!
//! In the wild: a tool had deregistered the revision that served; the rollback ended in "`TaskDefinition` is inactive", and
//! the bad revision stayed.
//!
//! Demanded: looked at before anything is changed, and refused, exit 4; where somebody deregisters it on the way, an
//! identical revision is registered in its place and brought, so that the bad one never stays silently.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, somebody};

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_target_is_refused_before_anything_is_changed() {
    let play = Shop::new().open().await;
    play.lets_the_old_go().somebody("DeregisterTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }));
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Refused).says("shop-api-dev:1").says("INACTIVE").changed_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_deregistered_on_the_way_is_registered_again() {
    let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
    let play = Shop::new().image("1.1.0", &bad).open().await;
    play.lets_the_old_go().when("update-accepted", Duration::from_secs(5), |simulator| {
        somebody(simulator, "DeregisterTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }));
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:3").says("shop-api-dev:3");
    let (old, new) = (told.truth.described("shop-api-dev:1").unwrap(), told.truth.described("shop-api-dev:3").unwrap());
    assert_eq!(old["containerDefinitions"], new["containerDefinitions"]);
    assert!(play.version().await.contains("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_ecs_still_takes_for_a_while_is_set_as_it_is() {
    let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
    let play = Shop::new().knob("inactive-enforced-after", 600).image("1.1.0", &bad).open().await;
    play.lets_the_old_go().when("update-accepted", Duration::from_secs(5), |simulator| {
        somebody(simulator, "DeregisterTaskDefinition", &json!({ "taskDefinition": "shop-api-dev:1" }));
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::RolledBack).serves("shop-api-dev:1").sent("RegisterTaskDefinition", 1).sent("UpdateService", 2);
}
