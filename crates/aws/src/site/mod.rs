//! The frontend's adapters: a site's bucket on S3, and its distribution of CloudFront.

#![expect(clippy::result_large_err, reason = "it answers with the ports' own errors")]

mod rest;

mod cdn;
mod s3;

pub use cdn::CloudFront;
pub use s3::{Limits, S3Bucket};
