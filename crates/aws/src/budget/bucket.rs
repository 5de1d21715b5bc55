//! A bucket of tokens as AWS describes it: full at first, refilled steadily, one token a call.
//!
//! It knows no waiting: it is told what time it is, and says how long there will be no token.

use std::time::Duration;

use jiff::Timestamp;

use super::{Category, Share};

/// Sums of fractions miss a whole token by this much at most.
const ALMOST: f64 = 1e-6;

/// The tokens of one category.
#[derive(Debug)]
pub(super) struct Bucket {
    burst: f64,
    per_second: f64,
    tokens: f64,
    at: Timestamp,
}

impl Bucket {
    /// A full one. However small the share is, one call fits in.
    pub(super) fn full(category: Category, share: Share, now: Timestamp) -> Self {
        let burst = share.of(category.burst()).max(1.0);
        Self { burst, per_second: share.of(category.per_second()), tokens: burst, at: now }
    }

    /// Takes a token, or says how long there is none.
    pub(super) fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        self.refill(now);
        if self.tokens >= 1.0 - ALMOST {
            self.tokens -= 1.0;
            return Ok(());
        }
        let seconds = (1.0 - self.tokens) / self.per_second;
        Err(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }

    /// Takes tokens for calls that went out already. There may then be less than none.
    pub(super) fn owe(&mut self, calls: u32) {
        self.tokens -= f64::from(calls);
    }

    /// A clock that goes backwards brings nothing, and takes nothing away.
    fn refill(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.tokens = passed.mul_add(self.per_second, self.tokens).min(self.burst);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn after(seconds: f64) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_secs_f64(seconds)).unwrap()
    }

    fn taken(bucket: &mut Bucket, now: Timestamp) -> usize {
        (0..1000).take_while(|_| bucket.take(now).is_ok()).count()
    }

    #[test]
    fn each_category_has_its_share_of_burst_and_refill() {
        for category in Category::ALL {
            for share in [Share::HALF, Share::WHOLE] {
                let mut bucket = Bucket::full(category, share, after(0.0));
                let (burst, second) = (share.of(category.burst()), share.of(category.per_second()));
                assert_eq!(taken(&mut bucket, after(0.0)).to_string(), burst.floor().to_string(), "{category:?}");
                assert_eq!(taken(&mut bucket, after(2.0)).to_string(), (2.0 * second).floor().to_string());
                assert_eq!(
                    taken(&mut bucket, after(9999.0)).to_string(),
                    burst.floor().to_string(),
                    "no more than full"
                );
            }
        }
    }

    #[test]
    fn an_empty_bucket_says_when_there_is_a_token() {
        let mut bucket = Bucket::full(Category::TaskDefinitionModify, Share::HALF, after(0.0));
        assert_eq!(taken(&mut bucket, after(0.0)), 10);
        assert_eq!(bucket.take(after(0.5)), Err(Duration::from_millis(1500)));
        assert_eq!(bucket.take(after(2.0)), Ok(()));
    }

    #[test]
    fn what_is_owed_is_waited_for() {
        let mut bucket = Bucket::full(Category::TaskDefinitionModify, Share::WHOLE, after(0.0));
        bucket.owe(25);
        assert_eq!(bucket.take(after(0.0)), Err(Duration::from_secs(6)));
    }

    #[test]
    fn the_smallest_share_lets_a_call_through() {
        let mut bucket = Bucket::full(Category::TaskDefinitionModify, "1".parse().unwrap(), after(0.0));
        assert_eq!(bucket.take(after(0.0)), Ok(()));
        assert_eq!(bucket.take(after(0.0)), Err(Duration::from_secs(100)));
    }

    #[test]
    fn a_clock_that_goes_backwards_changes_nothing() {
        let mut bucket = Bucket::full(Category::TaskDefinitionModify, Share::WHOLE, after(100.0));
        assert_eq!(taken(&mut bucket, after(0.0)), 20);
        assert_eq!(bucket.take(after(100.0)), Err(Duration::from_secs(1)));
    }
}
