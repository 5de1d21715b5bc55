//! A site's bucket on S3: a lean way of our own to S3's REST interface, and the Bucket port on it.
//!
//! Why not the SDK's client is in `docs/decisions/0022-a-lean-way-to-s3.md`. Credentials, signing keys and what error
//! codes mean are the SDK's and the other adapters', nothing of that is made up here.

#![expect(clippy::result_large_err, reason = "it answers with the ports' own errors")]

mod encode;
mod limits;
mod place;

mod keyring;
mod sign;

mod failed;
mod xml;

mod attempts;
mod body;
mod client;
mod http;

mod lane;
mod pace;

mod named;
mod wave;

mod delete;
mod facts;
mod head;
mod list;
mod marker;

mod copy;
mod multipart;
mod upload;

mod bucket;

pub use bucket::S3Bucket;
pub use limits::Limits;
