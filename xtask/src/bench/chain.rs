//! How many calls had to wait for each other.

use std::time::Duration;

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The operation, for example `UpdateService`.
    pub(super) operation: String,
    /// When the request was there, from the beginning of the recording.
    pub(super) began: Duration,
    /// When the answer was on its way back.
    pub(super) ended: Duration,
}

/// The longest chain of calls of which each began after the one before it was answered, in their order.
pub(super) fn longest(calls: &[Call]) -> Vec<&Call> {
    let mut by_end: Vec<&Call> = calls.iter().collect();
    by_end.sort_by_key(|call| call.ended);
    let mut chain: Vec<&Call> = Vec::new();
    for call in by_end {
        if chain.last().is_none_or(|last| call.began >= last.ended) {
            chain.push(call);
        }
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(calls: &[(&str, u64, u64)], expected: &[&str]) {
        let calls: Vec<Call> = calls
            .iter()
            .map(|&(operation, began, ended)| Call {
                operation: operation.to_owned(),
                began: Duration::from_millis(began),
                ended: Duration::from_millis(ended),
            })
            .collect();
        let chain: Vec<&str> = longest(&calls).iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(chain, expected);
    }

    #[test]
    fn calls_one_after_the_other_are_a_chain() {
        check(&[("a", 0, 4), ("b", 4, 8), ("c", 9, 12)], &["a", "b", "c"]);
    }

    #[test]
    fn calls_at_the_same_time_count_once() {
        check(&[("a", 0, 4), ("b", 1, 5), ("c", 2, 3), ("d", 5, 6)], &["c", "d"]);
        check(&[], &[]);
    }

    #[test]
    fn a_long_call_beside_two_short_ones_does_not_hide_them() {
        check(&[("long", 0, 10), ("a", 0, 4), ("b", 5, 9)], &["a", "b"]);
    }
}
