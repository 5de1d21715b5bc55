//! `CloudWatch` Logs of one account and region: the streams of the containers that ran, and reading them.
//!
//! Nobody writes by API: lines come from what an image's script says. Groups come with the first stream in them.

mod observe;
mod pattern;
mod store;
mod stream;

mod api;

pub(crate) use observe::Ran;
pub(crate) use store::Logs;
