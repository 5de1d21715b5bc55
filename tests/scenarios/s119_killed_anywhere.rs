//! Scenario 119: the signal never reaches the program, and it is killed.
//!
//! In the wild: a program below a shell gets no signal at all when a workflow is cancelled; ten seconds later it is gone.
//!
//! Demanded: correctness does not rest on signals.
//! Killed at any call to AWS, before or after it was carried out, the next run comes to the right end: one registration
//! and one update in all for a good release, one update each way for a bad one, and a record that says so.

use serde_json::json;
use towpath_cli::Exit;
use towpath_tests::scenario::{Death, Shop};

/// A shop whose tasks start at once, so that few looks are enough.
fn quick() -> Shop {
    let smoke = "[[components.api.smoke]]\nurl = \"ENDPOINT/_serve/111111111111/us-west-2/shop-dev/shop-api-dev/version\"\ndeadline = \"3s\"\nattempt-timeout = \"3s\"\n";
    let shop = ["1.0.0", "1.1.0"]
        .into_iter()
        .fold(Shop::new(), |shop, version| shop.image(version, &json!({ "healthy-after": 0 })));
    shop.knob("task-start", 1).knob("deprovision", 0).smoke(smoke)
}

/// Kills a promotion then, goes on as a person would, and asks what it came to; whether it had died.
async fn check(shop: Shop, death: Death, exit: Exit, updates: usize) -> bool {
    let mut play = shop.open().await;
    let mut last = play.promote_and_die("1.1.0", death).await;
    let died = last.is_none();
    if died {
        last = play.resume_if_open().await;
    }
    if last.as_ref().is_none_or(|told| told.exit != exit) {
        last = Some(play.promote("1.1.0").await);
    }
    let told = last.unwrap();
    told.ends(exit);
    let calls = play.stage.simulator.calls();
    let accepted = |operation: &str| calls.iter().filter(|call| call.operation == operation && call.accepted).count();
    assert_eq!(accepted("RegisterTaskDefinition"), 1, "{death:?}\n{}", told.story());
    assert_eq!(accepted("UpdateService"), updates, "{death:?}\n{}", told.story());
    let records = play.stage.records("dev").await.unwrap();
    assert_eq!(records.last().unwrap().outcome, told.report().outcome, "{death:?}");
    died
}

async fn everywhere(shop: impl Fn() -> Shop, exit: Exit, updates: usize) -> u64 {
    for number in 1..400 {
        let before = check(shop(), Death::Before(number), exit, updates).await;
        let after = check(shop(), Death::After(number), exit, updates).await;
        if !before && !after {
            return number - 1;
        }
    }
    panic!("a promotion makes less than 400 calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_release_is_brought_whenever_the_run_dies() {
    let calls = everywhere(quick, Exit::Done, 1).await;
    assert!(calls > 20, "only {calls} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_release_is_put_back_whenever_the_run_dies() {
    let bad = || quick().image("1.1.0", &json!({ "routes": [{ "path": "/version", "status": 500 }] }));
    let calls = everywhere(bad, Exit::RolledBack, 2).await;
    assert!(calls > 25, "only {calls} calls");
}
