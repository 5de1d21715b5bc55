//! What became of a wave, in the port's words.

use towpath_core::ports::{BucketError, Carried, Failure, Missed, Waved};

use super::lane::Ran;

/// The verdict on a wave.
pub(super) fn judged<'a, I>(
    ran: Ran<'a, I, BucketError>,
    size: impl Fn(&I) -> u64,
    failed: impl Fn((&'a I, BucketError)) -> Failure,
    requests: u64,
) -> Waved {
    let bytes = ran.done.iter().map(|item| size(item)).sum();
    let carried = Carried { objects: ran.done.len(), bytes, requests };
    if ran.failed.is_empty() {
        return Ok(carried);
    }
    Err(Missed { failures: ran.failed.into_iter().map(failed).collect(), not_begun: ran.not_begun, carried })
}
