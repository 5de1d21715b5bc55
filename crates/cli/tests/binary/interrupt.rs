//! SIGINT, SIGTERM and SIGHUP to the real process in each phase of a rollout: it ends soon, loses nothing, and the next
//! run comes to the right end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command},
    time::{Duration, Instant},
};

use crate::shop::{Ran, Shop, until};

/// Sends a signal as a terminal, a CI system or `kill` does.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// What was asked for in `towpath.toml` about rollouts that are under way.
#[derive(Clone, Copy, PartialEq)]
enum OnCancel {
    Leave,
    Rollback,
}

fn shop(on_cancel: OnCancel) -> Shop {
    let shop = Shop::slow(150);
    if on_cancel == OnCancel::Rollback {
        shop.configure("[environments.dev]", "[environments.dev]\non-cancel = \"rollback\"");
    }
    shop.create_releases();
    shop
}

/// Interrupts a promotion when its journal has that many events; nothing where it was over before.
fn interrupted(shop: &Shop, step: usize, name: &str) -> Option<Ran> {
    let mut child = shop.begin("promote dev --release 1.1.0");
    let mut is_over = false;
    until("the step is come to", || {
        is_over = child.try_wait().unwrap().is_some();
        is_over || shop.events("dev") >= step
    });
    let begun = Instant::now();
    signal(&child, name);
    // Counted once the signal is sent: until then the run is not asked to stop, and sending it takes a process.
    let before = shop.changes();
    let ran = Ran::of(child.wait_with_output().unwrap());
    let took = begun.elapsed();
    if ran.code == 0 {
        return None;
    }
    assert_eq!(ran.code, 130, "step {step}: {ran:?}");
    assert!(took < Duration::from_secs(5), "step {step}: {took:?}");
    // One that was in flight may have come to its end; after the signal one is begun at most (docs/decisions/0018).
    assert!(shop.changes() <= before + 2, "step {step}: {:?}", shop.simulator.calls());
    Some(ran)
}

fn check(on_cancel: OnCancel, step: usize, name: &str) -> bool {
    let shop = shop(on_cancel);
    let Some(ran) = interrupted(&shop, step, name) else {
        return false;
    };
    assert!(ran.stdout.contains("was interrupted") && ran.stdout.contains("next"), "step {step}: {ran:?}");
    let history = shop.run("history dev --output json").document();
    let last = history.as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["outcome"], "interrupted", "step {step}: {history}");
    let was_sent = shop.accepted("UpdateService") >= 1;
    let asked_back = shop.accepted("StopServiceDeployment") + shop.accepted("UpdateService").saturating_sub(1);
    assert_eq!(asked_back, usize::from(was_sent && on_cancel == OnCancel::Rollback), "step {step}: {ran:?}");
    let resumed = shop.run("resume dev");
    let expected = if asked_back == 1 { 5 } else { 0 };
    assert_eq!(resumed.code, expected, "step {step}: {resumed:?}");
    let status = shop.run("status dev").stdout;
    // Before the lease was taken there is nothing to go on with, and nothing was changed.
    let was_begun = !resumed.stdout.contains("nothing is open");
    assert_eq!(status.contains("1.1.0"), was_begun && asked_back == 0, "step {step}: {status}");
    assert!(status.contains(if was_begun { "steady" } else { "2/2" }), "step {step}: {status}");
    assert!(was_begun || shop.changes() == 0, "step {step}");
    assert_eq!(shop.run("ledger verify").code, 0, "step {step}");
    true
}

/// Every signal has its turn.
fn sweep(on_cancel: OnCancel) -> usize {
    let names = ["INT", "TERM", "HUP"].into_iter().cycle();
    let runs = (1..=7).zip(names).map(|(step, name)| std::thread::spawn(move || check(on_cancel, step, name)));
    runs.collect::<Vec<_>>().into_iter().map(|run| usize::from(run.join().unwrap())).sum()
}

#[test]
fn an_interrupted_rollout_that_is_left_to_ecs_is_gone_on_with() {
    let stopped = sweep(OnCancel::Leave);
    assert!(stopped >= 5, "only {stopped} runs were interrupted at work");
}

#[test]
fn an_interrupted_rollout_that_is_to_go_back_is_asked_back_once() {
    let stopped = sweep(OnCancel::Rollback);
    assert!(stopped >= 5, "only {stopped} runs were interrupted at work");
}

#[test]
fn whoever_insists_ends_the_process_at_once() {
    let shop = Shop::open();
    shop.create_releases();
    // A call that hangs would be waited for; the second signal does not wait.
    shop.simulator.add_fault(
        serde_json::from_value(serde_json::json!({ "operation": "DescribeServices", "kind": "hang" })).unwrap(),
    );
    let mut child = shop.begin("promote dev --release 1.1.0");
    until("the lease is taken", || shop.events("dev") >= 3);
    let begun = Instant::now();
    signal(&child, "TERM");
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("once more ends it at once")));
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
    shop.simulator.clear_faults();
}
