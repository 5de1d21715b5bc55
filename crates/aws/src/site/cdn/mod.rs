//! A site's distribution: the Cdn port on CloudFront.

mod distribution;
mod invalidation;

mod cloud_front;

use super::rest::{client, failed, http, keyring, place, xml};

pub use cloud_front::CloudFront;
