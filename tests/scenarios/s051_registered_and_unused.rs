//! Scenario 51: the registration succeeds, the update fails, and a revision is left that nobody uses.
//!
//! In the wild: after a denied update, each further attempt registered one revision more; the next rollback "to the newest
//! active revision" chose one of them.
//!
//! Demanded: it is said that the service was not changed and which revision was registered, exit 1 or 3; the next run
//! uses that revision and registers none.

use serde_json::json;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Shop, denied, refused};

const SERVICE: &str = "arn:aws:ecs:us-west-2:111111111111:service/shop-dev/shop-api-dev";

async fn check(fault: Fault, exit: Exit, said: &str) {
    let play = Shop::new().patience(|patience| patience.throttled_attempts = 3).fault(fault).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(exit).says(said).sent("RegisterTaskDefinition", 1).sent("UpdateService", 0).serves("shop-api-dev:1");
    told.says("shop-api-dev:2 was registered; the service was not changed");
    play.stage.simulator.clear_faults();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("RegisterTaskDefinition", 0).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert_eq!(told.record().components.values().next().map(|component| component.reused), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_update_leaves_one_revision_that_is_used_later() {
    check(denied("UpdateService", "ecs:UpdateService", SERVICE), Exit::Credentials, "ecs:UpdateService").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_update_leaves_one_revision_that_is_used_later() {
    check(refused("UpdateService", "ServiceNotActiveException", "Service was not ACTIVE."), Exit::Errored, "ACTIVE")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_update_leaves_one_revision_that_is_used_later() {
    check(Fault::new("UpdateService", FaultKind::Throttle), Exit::Errored, "throttled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_failed_attempts_leave_one_revision() {
    let fault = refused("UpdateService", "ServiceNotActiveException", "Service was not ACTIVE.");
    let play = Shop::new().fault(fault).open().await;
    for _ in 0..3 {
        play.promote("1.1.0").await.ends(Exit::Errored);
    }
    assert_eq!(play.truth().revisions.len(), 2, "{}", json!(play.truth().revisions));
}
