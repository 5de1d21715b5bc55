//! `kill -9` of the real process at each step of its journal, then `towpath resume` or the next `promote`.

use std::time::{Duration, Instant};

use crate::shop::Shop;

/// Starts a promotion and kills it when its journal has that many events; whether it lived that long.
fn kill_at(shop: &Shop, version: &str, step: usize) -> bool {
    let mut child = shop.start(&format!("promote dev --release {version}"));
    let begun = Instant::now();
    let is_there = || shop.events("dev") >= step;
    while !is_there() && child.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_micros(300));
    }
    let was_alive = child.try_wait().unwrap().is_none();
    if was_alive {
        child.kill().unwrap();
    }
    let _status = child.wait().unwrap();
    assert!(is_there() || !was_alive, "the promotion did not come to step {step}");
    was_alive
}

fn good(step: usize) -> bool {
    let shop = Shop::open();
    shop.create_releases();
    let killed = kill_at(&shop, "1.1.0", step);
    let resumed = shop.run("resume dev --take-over");
    assert!(resumed.code == 0, "step {step}: {} {}", resumed.code, resumed.stderr);
    let again = shop.run("promote dev --release 1.1.0 --output json");
    assert_eq!(again.code, 0, "step {step}: {}", again.stderr);
    assert!(shop.accepted("UpdateService") <= 1, "step {step}");
    assert_eq!(shop.run("ledger verify").code, 0, "step {step}");
    let status = shop.run("status dev");
    assert!(status.stdout.contains("1.1.0") && status.stdout.contains("steady"), "step {step}: {}", status.stdout);
    killed
}

fn bad(step: usize) -> bool {
    let shop = Shop::bad_in_dev();
    shop.create_releases();
    let killed = kill_at(&shop, "1.2.0", step);
    let resumed = shop.run("resume dev --take-over");
    // Killed before the lease was taken, or after the end: nothing is open, and nothing was lost.
    let is_over = resumed.code == 0 && format!("{}{}", resumed.stdout, resumed.stderr).contains("nothing is open");
    assert!(resumed.code == 5 || is_over, "step {step}: {} {}", resumed.code, resumed.stderr);
    assert!(shop.accepted("UpdateService") <= 2, "step {step}");
    if resumed.code == 5 {
        let status = shop.run("status dev");
        assert!(status.stdout.contains("steady"), "step {step}: {}", status.stdout);
    }
    assert_eq!(shop.run("ledger verify").code, 0, "step {step}");
    killed
}

#[test]
fn a_promotion_killed_at_any_journal_step_is_gone_on_with() {
    let runs = (1..=10).map(|step| std::thread::spawn(move || good(step)));
    let mut killed = 0;
    for run in runs.collect::<Vec<_>>() {
        killed += usize::from(run.join().unwrap());
    }
    assert!(killed >= 6, "only {killed} runs were killed at work");
}

#[test]
fn a_rollback_killed_at_any_journal_step_is_gone_on_with() {
    let runs = (6..=11).map(|step| std::thread::spawn(move || bad(step)));
    let mut killed = 0;
    for run in runs.collect::<Vec<_>>() {
        killed += usize::from(run.join().unwrap());
    }
    assert!(killed >= 3, "only {killed} runs were killed at work");
}
