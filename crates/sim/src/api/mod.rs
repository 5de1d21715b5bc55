//! What the simulated JSON services share: strict reading of inputs, paging, time and digests.
//!
//! It knows no service and no wire format.

mod digest;
mod members;
mod page;
mod time;

pub(crate) use digest::{digest_text, sha256};
pub(crate) use members::Members;
pub(crate) use page::{Page, size as page_size};
pub(crate) use time::{epoch_seconds, http_date, iso_seconds, iso_whole, read_http_date};
