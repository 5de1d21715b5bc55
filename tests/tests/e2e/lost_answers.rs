//! Answers that are lost, late or broken: exactly one accepted `UpdateService`, and a true ending.

use towpath_core::promotion::Outcome;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::Stage;

async fn check(operation: &str, kind: FaultKind, on: u64) {
    let mut stage = Stage::open().await.unwrap();
    stage.patience.attempt = std::time::Duration::from_millis(1500);
    let mut fault = Fault::new(operation, kind);
    fault.on = vec![on];
    stage.simulator.add_fault(fault);
    let report = stage.promote("dev", "1.1.0").await.unwrap();
    assert_eq!(report.outcome, Outcome::Succeeded, "{operation} {kind:?}: {}", report.reason);
    let applied = stage.accepted("UpdateService").len();
    assert_eq!(applied, 1, "{operation} {kind:?}: {applied} accepted updates");
    assert!(stage.serves("dev", "/version").await.unwrap().1.contains("1.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_the_update_is_settled_by_reading() {
    for kind in [
        FaultKind::ErrorAfter,
        FaultKind::DropAfter,
        FaultKind::ErrorBefore,
        FaultKind::DropBefore,
        FaultKind::Truncate,
        FaultKind::Garbage,
        FaultKind::Throttle,
        FaultKind::Hang,
    ] {
        check("UpdateService", kind, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_the_registration_is_settled_by_reading() {
    for kind in
        [FaultKind::ErrorAfter, FaultKind::DropAfter, FaultKind::ErrorBefore, FaultKind::Throttle, FaultKind::Garbage]
    {
        check("RegisterTaskDefinition", kind, 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_fail_now_and_then_do_not_end_a_good_rollout() {
    for operation in ["DescribeServices", "ListServiceDeployments", "DescribeTasks", "ListTasks", "DescribeImages"] {
        for kind in [FaultKind::ErrorBefore, FaultKind::DropAfter, FaultKind::Throttle, FaultKind::Truncate] {
            check(operation, kind, 1).await;
        }
    }
}
