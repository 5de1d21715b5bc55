//! An invalidation: its paths, when it was made, and when it is done.
//!
//! Nothing happens by itself: whoever asks compares instants.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    distribution::Distribution,
    ids::id,
    knobs::{CloudFrontKnobs, ReusedReference},
    paths::InvalidationPath,
};
use crate::rest::{Element, RestError};

/// An invalidation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Invalidation {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) paths: Vec<InvalidationPath>,
    pub(super) created: Timestamp,
    /// When every location has it.
    completed: Timestamp,
}

/// What a client wants to be invalidated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    reference: String,
    paths: Vec<InvalidationPath>,
}

impl Invalidation {
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        if self.is_done(now) { "Completed" } else { "InProgress" }
    }

    fn is_done(&self, now: Timestamp) -> bool {
        now >= self.completed
    }

    /// Whether what a location cached at `cached` as `path` is gone by `now`, since this reached it after `lag` seconds.
    pub(super) fn removes(&self, path: &str, cached: Timestamp, lag: u32, now: Timestamp) -> bool {
        let reached = later(self.created, lag);
        cached < reached && reached <= now && self.paths.iter().any(|invalid| invalid.means(path))
    }
}

impl Batch {
    /// Reads an `InvalidationBatch`.
    pub(super) fn read(body: &[u8], knobs: &CloudFrontKnobs) -> Result<Self, RestError> {
        let batch = Element::read(body, "InvalidationBatch")?;
        let missing = |name: &str| RestError::client("MissingBody", format!("The member {name} is missing."));
        let reference = batch.value("CallerReference").filter(|reference| !reference.is_empty());
        let reference = reference.ok_or_else(|| missing("CallerReference"))?.to_owned();
        let paths = batch.child("Paths").ok_or_else(|| missing("Paths"))?;
        let items: Vec<&str> = paths
            .child("Items")
            .map(|items| items.all("Path").map(|path| path.text.as_str()).collect())
            .unwrap_or_default();
        let quantity = paths.value("Quantity").and_then(|quantity| quantity.trim().parse::<usize>().ok());
        if quantity != Some(items.len()) {
            let message = "The value of Quantity and the size of Items don't match.";
            return Err(RestError::client("InconsistentQuantities", message));
        }
        if items.is_empty() {
            return Err(RestError::client(
                "InvalidArgument",
                "Your request must contain at least one invalidation path.",
            ));
        }
        let read = |path: &&str| InvalidationPath::read(path, &knobs.refused_characters);
        Ok(Self { reference, paths: items.iter().map(read).collect::<Result<_, _>>()? })
    }
}

impl Distribution {
    /// Makes an invalidation, or answers the one that the same request made before.
    pub(super) fn invalidate(
        &mut self,
        batch: Batch,
        knobs: &CloudFrontKnobs,
        number: u64,
        now: Timestamp,
    ) -> Result<Invalidation, RestError> {
        let before = self.invalidations.iter().find(|invalidation| invalidation.reference == batch.reference);
        if let Some(before) = before {
            return if before.paths == batch.paths { Ok(before.clone()) } else { Err(reused(knobs)) };
        }
        self.check_quota(&batch, knobs, now)?;
        let slowest = self.spec.all_locations().iter().map(|location| location.lag).max().unwrap_or_default();
        let made = Invalidation {
            id: id('I', number),
            reference: batch.reference,
            paths: batch.paths,
            created: now,
            completed: later(now, knobs.invalidation_seconds.max(slowest)),
        };
        self.invalidations.push(made.clone());
        Ok(made)
    }

    fn check_quota(&self, batch: &Batch, knobs: &CloudFrontKnobs, now: Timestamp) -> Result<(), RestError> {
        if batch.paths.len() > knobs.most_paths {
            let message = "The invalidation batch specified is too large.";
            return Err(RestError::new(413, "BatchTooLarge", message));
        }
        let under_way = self.invalidations.iter().filter(|invalidation| !invalidation.is_done(now));
        let (wildcards, exact): (Vec<_>, Vec<_>) =
            under_way.flat_map(|invalidation| &invalidation.paths).partition(|path| path.has_wildcard());
        let more = batch.paths.iter().filter(|path| path.has_wildcard()).count();
        let refusal = |kind: &str| {
            let message = format!(
                "Processing your request will cause you to exceed the maximum number of in-progress {kind} invalidations."
            );
            Err(RestError::client("TooManyInvalidationsInProgress", message))
        };
        if more > 0 && wildcards.len() + more > knobs.most_wildcards {
            return refusal("wildcard");
        }
        let more = batch.paths.len() - more;
        if more > 0 && exact.len() + more > knobs.most_paths { refusal("path") } else { Ok(()) }
    }
}

fn reused(knobs: &CloudFrontKnobs) -> RestError {
    match knobs.reused_reference {
        ReusedReference::AlreadyExists => RestError::client(
            "InvalidationBatchAlreadyExists",
            "The caller reference that you are using already exists with different invalidation paths.",
        ),
        ReusedReference::InvalidArgument => RestError::client(
            "InvalidArgument",
            "Your request contains a caller reference that was used for a previous invalidation batch for the same distribution.",
        ),
    }
}

fn later(instant: Timestamp, seconds: u32) -> Timestamp {
    instant.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudfront::spec::DistributionSpec;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn batch(reference: &str, paths: &[&str]) -> Batch {
        let items = paths.iter().map(|path| format!("<Path>{path}</Path>")).collect::<Vec<_>>().concat();
        let body = format!(
            "<InvalidationBatch><Paths><Quantity>{}</Quantity><Items>{items}</Items></Paths><CallerReference>{reference}</CallerReference></InvalidationBatch>",
            paths.len()
        );
        Batch::read(body.as_bytes(), &CloudFrontKnobs::default()).unwrap()
    }

    fn distribution() -> Distribution {
        Distribution::new(DistributionSpec::new("E1", "shop"), "111111111111", at(0))
    }

    fn code(result: Result<Invalidation, RestError>) -> Option<String> {
        result.err().map(|error| error.error.code)
    }

    #[test]
    fn the_same_reference_and_paths_are_the_same_invalidation() {
        let (mut distribution, knobs) = (distribution(), CloudFrontKnobs::default());
        let first = distribution.invalidate(batch("r1", &["/a"]), &knobs, 1, at(0)).unwrap();
        assert_eq!(distribution.invalidate(batch("r1", &["/a"]), &knobs, 2, at(9)).unwrap(), first);
        let other = distribution.invalidate(batch("r1", &["/b"]), &knobs, 3, at(9));
        assert_eq!(code(other).as_deref(), Some("InvalidationBatchAlreadyExists"));
        let knobs = CloudFrontKnobs { reused_reference: ReusedReference::InvalidArgument, ..knobs };
        assert_eq!(
            code(distribution.invalidate(batch("r1", &["/b"]), &knobs, 3, at(9))).as_deref(),
            Some("InvalidArgument")
        );
    }

    #[test]
    fn wildcards_and_paths_in_progress_are_counted_apart() {
        let (mut distribution, knobs) =
            (distribution(), CloudFrontKnobs { most_paths: 3, most_wildcards: 2, ..CloudFrontKnobs::default() });
        let mut ask = |reference: &str, paths: &[&str], second: i64| {
            code(distribution.invalidate(batch(reference, paths), &knobs, 1, at(second)))
        };
        assert_eq!(ask("1", &["/a", "/b", "/c", "/d"], 0).as_deref(), Some("BatchTooLarge"));
        assert_eq!(ask("2", &["/a", "/b", "/x*"], 0), None);
        assert_eq!(ask("3", &["/c", "/d"], 0).as_deref(), Some("TooManyInvalidationsInProgress"));
        assert_eq!(ask("4", &["/y*"], 0), None);
        assert_eq!(ask("5", &["/z*"], 19).as_deref(), Some("TooManyInvalidationsInProgress"));
        assert_eq!(ask("5", &["/z*"], 20), None);
    }

    #[test]
    fn a_location_loses_what_it_cached_before_the_invalidation_reached_it() {
        let (mut distribution, knobs) = (distribution(), CloudFrontKnobs::default());
        let made = distribution.invalidate(batch("r", &["/a*"]), &knobs, 1, at(100)).unwrap();
        for (cached, lag, now, expected) in
            [(90, 2, 101, false), (90, 2, 102, true), (101, 2, 103, true), (102, 2, 103, false), (90, 30, 110, false)]
        {
            assert_eq!(made.removes("/ab", at(cached), lag, at(now)), expected, "{cached} {lag} {now}");
        }
        assert!(!made.removes("/b", at(0), 0, at(200)));
        assert_eq!((made.status(at(119)), made.status(at(120))), ("InProgress", "Completed"));
    }

    #[test]
    fn a_quantity_that_is_not_that_of_the_paths_is_refused() {
        let body = b"<InvalidationBatch><Paths><Quantity>2</Quantity><Items><Path>/a</Path></Items></Paths><CallerReference>r</CallerReference></InvalidationBatch>";
        let error = Batch::read(body, &CloudFrontKnobs::default()).unwrap_err();
        assert_eq!(error.error.code, "InconsistentQuantities");
    }
}
