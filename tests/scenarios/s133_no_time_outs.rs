//! Scenario 133: an SDK without time-outs waits for ever.
//!
//! In the wild: the connection was accepted and no answer ever came; the SDK has no time-out of its own, and retries were
//! nested in retries.
//!
//! Demanded: every call has its time-outs and one layer of retries; one answer that never comes changes nothing about the
//! end; where no answer ever comes, the run ends within a bound, and says what it knows.

use std::time::{Duration, Instant};

use towpath_aws::Patience;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Shop, Told};

fn shop() -> Shop {
    Shop::new().patience(|patience| {
        (patience.attempt, patience.read) = (Duration::from_millis(250), Duration::from_millis(600));
        patience.read_attempts = 2;
    })
}

const READS: [&str; 7] = [
    "GetCallerIdentity",
    "DescribeServices",
    "DescribeTaskDefinition",
    "ListServiceDeployments",
    "DescribeTasks",
    "DescribeImages",
    "DescribeSecret",
];

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_that_never_comes_changes_nothing() {
    for operation in READS.into_iter().chain(["AssumeRole", "RegisterTaskDefinition", "UpdateService"]) {
        let play = shop().fault(Fault { count: Some(1), ..Fault::new(operation, FaultKind::Hang) }).open().await;
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Done).sent("UpdateService", 1).serves("shop-api-dev:2");
        assert!(told.calls.iter().any(|call| call.operation == operation && call.fault.is_some()), "{operation}");
    }
}

async fn silent(operation: &str) -> Told {
    let began = Instant::now();
    let told = shop().fault(Fault::new(operation, FaultKind::Hang)).open().await.promote("1.1.0").await;
    assert!(began.elapsed() < Duration::from_secs(20), "{operation}: {:?}", began.elapsed());
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_check_gets_no_answer_nothing_is_changed() {
    for operation in ["GetCallerIdentity", "DescribeServices", "DescribeTaskDefinition"] {
        silent(operation).await.ends(Exit::Errored).changed_nothing();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_update_gets_no_answer_nothing_is_claimed() {
    silent("UpdateService")
        .await
        .ends(Exit::Inconclusive)
        .sent("UpdateService", 0)
        .says("did not carry out the update");
}

#[test]
fn every_time_out_is_bounded_by_default() {
    let patience = Patience::default();
    assert!(patience.connect <= Duration::from_secs(5) && patience.attempt <= Duration::from_secs(30));
    assert!(patience.read <= Duration::from_mins(2) && patience.longest_change() <= Duration::from_secs(155));
}
