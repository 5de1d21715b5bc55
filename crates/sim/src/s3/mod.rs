//! Amazon S3: buckets, objects and their versions, conditional writes, checksums, uploads in parts.
//!
//! Bodies are on disk and move without a lock; what a key names is decided under its bucket's lock.
//! There are no ACLs, no object lock, no replication, no encryption, no tagging of objects.

mod storage;

mod address;
mod names;
mod operation;
mod request;

mod bucket;
mod documents;
mod object;

mod blobs;
mod body;
mod checksums;

mod errors;
mod knobs;
mod policy;
mod rates;

mod work;

mod buckets;
mod listing;
mod multipart;
mod objects;

mod answer;
mod keep;
mod seed;

pub(crate) use address::bucket_of_host;
pub(crate) use answer::{failure, finish};
pub(crate) use blobs::Data;
pub(crate) use errors::NO_SUCH_KEY;
pub use knobs::{AbsentDelete, Denial, S3Knobs, WrongRegion};
pub(crate) use object::{Metadata, Object, Version};
pub(crate) use objects::with_object;
pub(crate) use request::Request;
pub use seed::{BucketSpec, ObjectSpec};
pub(crate) use storage::S3;
pub(crate) use work::interfere;
