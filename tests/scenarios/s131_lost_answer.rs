//! Scenario 131: the answer to `UpdateService` is lost.
//!
//! In the wild: the request was carried out, the connection broke, and the retry made a second deployment that replaced
//! the first.
//!
//! Demanded: what happened is settled by reading, also while reads lag behind; exactly one new deployment; nothing is
//! forced; the same holds for the update of the way back.

use serde_json::json;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::Shop;

const LOST: [FaultKind; 4] = [FaultKind::DropAfter, FaultKind::ErrorAfter, FaultKind::Truncate, FaultKind::Garbage];
const NEVER_ARRIVED: [FaultKind; 2] = [FaultKind::DropBefore, FaultKind::ErrorBefore];

fn struck(kind: FaultKind, on: u64) -> Fault {
    Fault { on: vec![on], ..Fault::new("UpdateService", kind) }
}

async fn check(shop: Shop, sent: usize) {
    let play = shop.open().await;
    let before = play.before.service_deployments.len();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
    assert_eq!(told.inputs("UpdateService").len(), sent, "{}", told.story());
    assert_eq!(told.truth.service_deployments.len(), before + 1);
    assert!(told.inputs("UpdateService").iter().all(|input| input.get("forceNewDeployment").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_reading() {
    for kind in LOST {
        check(Shop::new().fault(struck(kind, 1)), 1).await;
        check(Shop::new().knob("update-shows-own-deployment", false).fault(struck(kind, 1)), 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_even_where_reads_lag() {
    for kind in LOST {
        let shop = Shop::new().knob("describe-services-lag", 15).knob("service-deployments-lag", 20);
        check(shop.fault(struck(kind, 1)), 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_arrived_is_sent_once_more() {
    for kind in NEVER_ARRIVED {
        check(Shop::new().fault(struck(kind, 1)), 2).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_is_sent_once_as_well() {
    for kind in LOST.into_iter().chain(NEVER_ARRIVED) {
        let bad = json!({ "routes": [{ "path": "/version", "status": 500 }] });
        let play = Shop::new().image("1.1.0", &bad).fault(struck(kind, 2)).open().await;
        let told = play.promote("1.1.0").await;
        told.ends(Exit::RolledBack).sent("UpdateService", 2).serves("shop-api-dev:1");
    }
}
