//! How many requests a second each prefix takes.
//!
//! A bucket of tokens holds what one second brings; simulated time fills it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use super::knobs::S3Knobs;
use crate::rest::RestError;

/// The tokens of each prefix, for reading and for writing, and since when.
#[derive(Debug, Default)]
pub(super) struct Rates {
    left: Mutex<BTreeMap<(bool, String), (f64, Timestamp)>>,
}

impl Rates {
    /// Takes a token, or says that there is none.
    pub(super) fn admit(
        &self,
        knobs: &S3Knobs,
        place: (&str, &str),
        writes: bool,
        now: Timestamp,
    ) -> Result<(), RestError> {
        let rate = if writes { knobs.writes_per_second } else { knobs.reads_per_second };
        let Some(rate) = rate else { return Ok(()) };
        let (bucket, key) = place;
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let size = rate.max(1.0);
        let (tokens, since) = left.entry((writes, format!("{bucket}/{folder}"))).or_insert((size, now));
        *tokens = (*tokens + now.duration_since(*since).as_secs_f64().max(0.0) * rate).min(size);
        *since = now;
        if *tokens < 1.0 {
            return Err(RestError::new(503, "SlowDown", "Please reduce your request rate."));
        }
        *tokens -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_prefix_has_its_own_tokens_and_time_brings_new_ones() {
        let knobs = S3Knobs { writes_per_second: Some(2.0), ..S3Knobs::default() };
        let rates = Rates::default();
        let check = |key: &str, writes: bool, second: i64, expected: bool| {
            let now = Timestamp::from_second(second).unwrap();
            assert_eq!(rates.admit(&knobs, ("b", key), writes, now).is_ok(), expected, "{key} at {second}");
        };
        check("a/1", true, 0, true);
        check("a/2", true, 0, true);
        check("a/3", true, 0, false);
        check("b/1", true, 0, true);
        check("a/1", false, 0, true);
        check("a/3", true, 1, true);
    }
}
