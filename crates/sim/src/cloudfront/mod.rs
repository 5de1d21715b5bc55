//! Amazon CloudFront: distributions, invalidations, and edges that really cache.
//!
//! A distribution has one origin, a bucket, and one cache behavior. There is no TLS, no function, no log, no
//! compression of its own, and no signed address.

mod knobs;
mod spec;

mod distribution;
mod ids;
mod invalidation;
mod paths;
mod store;

mod api;
mod edge;

pub(crate) use api::{Request, failure, request_id};
pub(crate) use edge::{EdgeRequest, Edges, serve};
pub use knobs::{CloudFrontKnobs, ReusedReference};
pub use spec::{DistributionSpec, ErrorPageSpec, LocationSpec};
pub(crate) use store::CloudFront;
