//! The frontend's adapters: a site's bucket on S3, and its distribution of CloudFront.

mod s3;

pub use s3::{Limits, S3Bucket};
