//! Scenario 56: two updates make two deployments.
//!
//! In the wild: a tool updated the service's attributes and then its task definition; the second deployment replaced the
//! first, which the tool then called failed.
//!
//! Demanded: exactly one update a promotion, and one service deployment.

use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, Way};

#[tokio::test(flavor = "multi_thread")]
async fn one_update_makes_one_deployment() {
    for way in Way::BOTH {
        for shows in [true, false] {
            let mut play = Shop::new().knob("update-shows-own-deployment", shows).open().await;
            let before = play.before.service_deployments.len();
            let told = play.promote_by(way, "1.1.0").await;
            told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
            assert_eq!(told.truth.service_deployments.len(), before + 1);
            assert!(told.truth.service_deployments.iter().all(|one| one["status"] == "SUCCESSFUL"));
        }
    }
}
