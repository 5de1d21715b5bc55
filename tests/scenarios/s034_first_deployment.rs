//! Scenario 34: the first deployment ever, and nothing to roll back to.
//!
//! In the wild: a new service whose only deployment had failed; tools rolled back to nothing, or deleted the service.
//!
//! Demanded: where the release fails as well: exit 6 with the words that nothing was ever proven there; exactly one
//! update; the service stays.
//! A service with a first deployment that failed can be brought its first good release, exit 0.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::Shop;

/// A service whose only deployment has failed.
fn broken() -> Shop {
    Shop::new().image("1.0.0", &json!({ "fails-to-start": "no such file" })).knob("backoff-start", 10)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_fails_there_is_stuck_and_nothing_else_is_tried() {
    for candidate in ["stopped", "rollback-failed"] {
        let shop = broken()
            .knob("no-candidate", candidate)
            .image("1.1.0", &json!({ "fails-to-start": "no such file either" }));
        let play = shop.open().await;
        assert_eq!(play.before.primary()["rolloutState"], "FAILED");
        let told = play.lets_the_old_go().promote("1.1.0").await;
        told.ends(Exit::Stuck).sent("UpdateService", 1).says("nothing to go back to").keeps("shop-api-dev:1");
        assert_eq!(told.truth.service["status"], "ACTIVE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_is_brought_there() {
    let play = broken().open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}
