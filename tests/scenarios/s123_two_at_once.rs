//! Scenario 123: two runs are kept apart by branch, but work on the same environment.
//!
//! In the wild: a workflow's concurrency group named the branch, so two branches deployed to one environment at the same
//! time.
//!
//! Demanded: Towpath keeps runs apart by environment, whatever the workflow does: one deploys, the other is held, exit 10,
//! with who is at work and until when.

use towpath_cli::Exit;
use towpath_core::promotion::Outcome;
use towpath_tests::scenario::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_the_same_time_one_is_held() {
    let play = Shop::new().open().await;
    let (one, other) = tokio::join!(play.stage.promote("dev", "1.1.0"), play.stage.promote("dev", "1.2.0"));
    let (one, other) = (one.unwrap(), other.unwrap());
    let mut outcomes = [one.outcome, other.outcome].map(Outcome::name);
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["held", "succeeded"]);
    let held = if one.outcome == Outcome::Held { &one } else { &other };
    let (exit, text) = towpath_cli::told(Ok(held));
    assert_eq!(exit, Exit::Held);
    assert!(text.contains("is at work here") && text.contains("run it again after"), "{text}");
    assert_eq!(play.stage.accepted("UpdateService").len(), 1);
    assert_eq!(play.stage.accepted("RegisterTaskDefinition").len(), 1);
}
