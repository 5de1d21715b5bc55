//! A site's bucket on S3: the Bucket port.

mod limits;

mod lane;
mod pace;

mod named;
mod wave;

mod delete;
mod head;
mod list;
mod marker;

mod copy;
mod multipart;
mod upload;

mod bucket;

use super::rest::{attempts, client, encode, failed, http, keyring, place, xml};

pub use bucket::S3Bucket;
pub use limits::Limits;
