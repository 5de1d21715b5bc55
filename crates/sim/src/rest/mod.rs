//! What S3 and CloudFront share: REST over HTTP with XML, signed in a header or in the address.
//!
//! Requests are told apart here, noted, and struck by faults; what they mean is the services' work.

mod error;
mod xml;

mod content;
mod reply;
mod signed;
mod target;

mod answer;
mod strike;

mod route;

pub(crate) use answer::{Call, Noted};
pub(crate) use content::StoredBody;
pub(crate) use error::RestError;
pub(crate) use reply::RestReply;
pub(crate) use route::{answer, route};
pub(crate) use signed::Signed;
pub(crate) use target::{Target, decoded, encoded};
pub(crate) use xml::{Element, Xml};
