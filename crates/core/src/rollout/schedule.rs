//! When to look next: often when something is about to change, rarely when nothing can.

use std::time::Duration;

use super::watch::Waiting;

/// How long to wait before the next look at a rollout that has been watched for `age`.
///
/// A look that has only to see whether ECS has closed a rollout asks one call; the delay between its end and our seeing
/// it is half of what is waited then, on average.
pub fn next_look(waiting: Waiting, age: Duration) -> Duration {
    let young = age < Duration::from_secs(10);
    let millis = match waiting {
        Waiting::NotVisible => 1_000,
        Waiting::Settling | Waiting::Draining => 1_500,
        Waiting::Starting if young => 2_000,
        Waiting::Failing => 3_000,
        Waiting::Starting | Waiting::Missing | Waiting::Baking => 5_000,
        Waiting::Paused => 10_000,
    };
    Duration::from_millis(millis)
}

/// The same wait, up to a tenth shorter or longer, by an arbitrary number: many that began together do not stay so.
pub fn jittered(wait: Duration, arbitrary: u64) -> Duration {
    let per_mille = 900 + u32::try_from(arbitrary % 201).unwrap_or(100);
    wait * per_mille / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_a_tenth() {
        let wait = Duration::from_secs(10);
        for arbitrary in [0, 1, 100, 200, 201, u64::MAX] {
            let jittered = jittered(wait, arbitrary);
            assert!((Duration::from_secs(9)..=Duration::from_secs(11)).contains(&jittered), "{jittered:?}");
        }
        assert_ne!(jittered(wait, 0), jittered(wait, 200));
    }

    #[test]
    fn the_nearer_the_end_the_sooner_the_next_look() {
        let old = Duration::from_mins(1);
        assert!(next_look(Waiting::Settling, old) < next_look(Waiting::Starting, old));
        assert!(next_look(Waiting::Starting, Duration::ZERO) < next_look(Waiting::Starting, old));
    }
}
