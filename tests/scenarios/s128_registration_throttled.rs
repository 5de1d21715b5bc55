//! Scenario 128: `RegisterTaskDefinition` is throttled.
//!
//! In the wild: ECS answers a throttled call with HTTP 400; tools took that for a refusal, or gave up after three attempts.
//!
//! Demanded: eight throttled attempts are outlived, exit 0, by changing calls as by reads; at least ten attempts over two
//! minutes; where it never ends, exit 1 and nothing is changed.

use std::time::Duration;

use towpath_aws::Patience;
use towpath_cli::Exit;
use towpath_sim::faults::{Fault, FaultKind};
use towpath_tests::scenario::{Shop, throttled};

#[tokio::test(flavor = "multi_thread")]
async fn eight_throttled_attempts_are_outlived() {
    for operation in ["RegisterTaskDefinition", "UpdateService"] {
        let play = Shop::new().fault(throttled(operation, 8)).open().await;
        let told = play.promote("1.1.0").await;
        told.ends(Exit::Done).sent(operation, 1).serves("shop-api-dev:2");
        assert_eq!(told.inputs(operation).len(), 9, "{operation}");
    }
}

#[test]
fn nobody_gives_up_before_ten_attempts_and_two_minutes() {
    let patience = Patience::default();
    assert!(patience.throttled_attempts >= 10 && patience.resend_for >= Duration::from_mins(2), "{patience:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_ends_is_an_error_and_changes_nothing() {
    let fault = Fault::new("RegisterTaskDefinition", FaultKind::Throttle);
    let play = Shop::new().patience(|patience| patience.throttled_attempts = 4).fault(fault).open().await;
    let told = play.promote("1.1.0").await;
    told.ends(Exit::Errored).says("throttled").changed_nothing().serves("shop-api-dev:1");
    assert_eq!(told.inputs("RegisterTaskDefinition").len(), 4);
}
