//! What many runs amount to.

use std::time::Duration;

use super::cost::Cost;

/// The median of each figure by itself, and how far the wall times were apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    /// The medians.
    pub(super) median: Cost,
    /// The shortest and the longest wall time.
    pub(super) wall_range: (Duration, Duration),
}

/// Sums up runs; `None` without any.
pub(super) fn summary(costs: &[Cost]) -> Option<Summary> {
    let walls = || costs.iter().map(|cost| cost.wall);
    Some(Summary {
        median: Cost {
            wall: median(walls())?,
            cpu: median(costs.iter().map(|cost| cost.cpu))?,
            memory: median(costs.iter().map(|cost| cost.memory))?,
        },
        wall_range: (walls().min()?, walls().max()?),
    })
}

/// The middle value; the lower of the two middle ones of an even number.
fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        let check = |values: &[u32], expected: Option<u32>| {
            assert_eq!(median(values.iter().copied()), expected);
        };
        check(&[], None);
        check(&[5], Some(5));
        check(&[9, 1, 5], Some(5));
        check(&[4, 1, 3, 2], Some(2));
    }

    #[test]
    fn one_slow_run_changes_no_median_but_the_range() {
        let cost = |wall: u64| Cost { wall: Duration::from_millis(wall), cpu: Duration::from_millis(3), memory: 4 };
        let summary = summary(&[cost(10), cost(900), cost(11)]).unwrap();
        assert_eq!(summary.median, cost(11));
        assert_eq!(summary.wall_range, (Duration::from_millis(10), Duration::from_millis(900)));
    }
}
