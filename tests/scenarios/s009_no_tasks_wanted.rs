//! Scenario 9: the service wants no tasks.
//!
//! In the wild: people park services at 0; an update of such a service completes at once with no task at all, and the
//! tool is green.
//!
//! Demanded: refused unless allowed, exit 4; where allowed, exit 9 with the plain words that nothing was exercised; the
//! smoke checks never pass on nothing; the desired count is not touched.
//! Where somebody sets the count to 0 on the way, the last look counts.

use std::time::Duration;

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Shop, somebody};

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_service_is_refused() {
    let play = Shop::new().service("desired-count", 0).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Refused).says("wants 0 tasks").says("allow-empty").changed_nothing();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_service_that_is_allowed_is_told_as_not_verified() {
    let play = Shop::new().service("desired-count", 0).setting("allow-empty = true").open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Partial).says("no tasks").never_says("succeeded").sent("UpdateService", 1);
    let component = told.record().components.values().next().unwrap();
    assert!(component.smoke.is_empty() && component.serves.is_none(), "{component:?}");
    assert_eq!(told.truth.service["desiredCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_parked_on_the_way_is_told_as_not_verified() {
    let play = Shop::new().open().await;
    play.when("update-accepted", Duration::from_secs(10), |simulator| {
        let input = json!({ "cluster": "shop-dev", "service": "shop-api-dev", "desiredCount": 0 });
        somebody(simulator, "UpdateService", &input);
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Partial).says("no tasks").never_says("succeeded").sent("UpdateService", 1);
    assert_eq!(told.truth.service["desiredCount"], 0);
}
