//! CloudFront's own API, version 2020-05-31: reading requests, performing them, writing answers.
//!
//! What viewers ask of the edges is elsewhere.

mod config;
mod documents;
mod perform;
mod request;

pub(crate) use request::{Request, failure, request_id};

/// The namespace of every document.
const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";
