//! Scenario 21: autoscaling changes the desired count in the middle of the rollout.
//!
//! In the wild: a tool remembered six tasks and compared them with seventeen; another sent the count that it remembered,
//! and undid the scaling.
//!
//! Demanded: the desired count is read at every look and never sent; success is proven for as many tasks as are wanted
//! in the end.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way, somebody};

async fn check(from: u32, to: u32, way: Way) {
    let mut play = Shop::new().service("desired-count", from).open().await;
    play.when("checked", Duration::from_secs(15), move |simulator| {
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "desiredCount": to });
        somebody(simulator, "UpdateService", &input);
    });
    let told = play.promote_by(way, "1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert_eq!(told.truth.service["desiredCount"], to);
    assert_eq!(told.truth.tasks.len(), usize::try_from(to).unwrap());
    assert!(told.inputs("UpdateService").iter().all(|input| input.get("desiredCount").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_grows_on_the_way_is_proven_in_its_new_size() {
    check(6, 17, Way::Straight).await;
    check(2, 5, Way::Killed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_shrinks_on_the_way_is_proven_in_its_new_size() {
    check(5, 2, Way::Straight).await;
}
