//! Scenario 130: throttling while polling must not end the deployment.
//!
//! In the wild: one throttled look ended the run while the rollout was fine; another tool described every service and
//! every revision by itself, and throttled itself.
//!
//! Demanded: looks that fail are skipped for a while, exit 0; where they fail for long, exit 7, nothing claimed and nothing
//! rolled back; a denied look ends in 7 at once; all services of a run are read by one call a look.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Play, Shop, denied};

async fn slow() -> Play {
    let patient = |container: &mut Value| container["healthCheck"]["startPeriod"] = json!(300);
    let shop = Shop::new().container(patient).image("1.1.0", &json!({ "healthy-after": 130 }));
    shop.patience(|patience| (patience.read_attempts, patience.throttled_attempts) = (1, 1)).open().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_and_a_half_without_a_look_is_outlived() {
    for kind in [FaultKind::Throttle, FaultKind::ErrorBefore, FaultKind::DropAfter] {
        let play = slow().await;
        play.when("update-accepted", Duration::from_secs(5), move |simulator| {
            for name in ["DescribeServices", "DescribeServiceDeployments"] {
                simulator.add_fault(Fault::new(name, kind));
            }
        });
        play.when("update-accepted", Duration::from_secs(95), towpath_sim::Simulator::clear_faults);
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
        assert!(told.calls.iter().filter(|call| call.fault.is_some()).count() > 10, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_looks_fail_for_long_nothing_is_claimed() {
    let mut play = slow().await;
    play.when("update-accepted", Duration::from_secs(5), |simulator| {
        simulator.add_fault(Fault::new("DescribeServices", FaultKind::Throttle));
    });
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Inconclusive).says("throttled").sent("UpdateService", 1).sent("StopServiceDeployment", 0);
    play.stage.simulator.clear_faults();
    play.resume().await.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_look_ends_the_run_and_rolls_nothing_back() {
    let play = slow().await;
    let service = "arn:aws:ecs:us-west-2:111111111111:service/shop-dev/shop-api-dev";
    play.when("update-accepted", Duration::from_secs(5), move |simulator| {
        simulator.add_fault(denied("DescribeServices", "ecs:DescribeServices", service));
    });
    let began = play.stage.simulator.now();
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Inconclusive).says("ecs:DescribeServices").sent("UpdateService", 1);
    assert!(play.stage.simulator.now().duration_since(began).as_secs() < 30, "it does not try for long");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_a_look_reads_all_services() {
    let play = Shop::new().also("worker", &[]).also("web", &[]).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Done).sent("UpdateService", 3);
    let mut looks: BTreeMap<_, usize> = BTreeMap::new();
    for call in told.accepted("DescribeServices") {
        *looks.entry(call.time).or_default() += 1;
    }
    // The check and the first look happen at the same instant, since nothing is waited for between them.
    let first = looks.pop_first().unwrap();
    assert!(first.1 <= 2 && looks.len() > 3, "{looks:?}");
    assert!(looks.values().all(|number| *number == 1), "{looks:?}");
    let together = |call: &&&towpath_sim::calls::Call| call.input["services"].as_array().unwrap().len() == 3;
    assert!(told.accepted("DescribeServices").iter().filter(together).count() > 3);
}
