//! When to look next: often when something is about to change, rarely when nothing can.

use std::time::Duration;

use super::watch::Waiting;

/// How long to wait before the next look at a rollout that has been watched for `age`.
pub fn next_look(waiting: Waiting, age: Duration) -> Duration {
    let young = age < Duration::from_secs(10);
    let millis = match waiting {
        Waiting::NotVisible => 1_000,
        Waiting::Settling => 1_500,
        Waiting::Starting if young => 2_000,
        Waiting::Draining => 3_000,
        Waiting::Starting | Waiting::Failing | Waiting::Missing => 5_000,
    };
    Duration::from_millis(millis)
}
