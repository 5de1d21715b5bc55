//! The wire protocols: one port, told apart by signature scope and target header.
//!
//! Signatures are read but never verified, request dates are not compared with any clock, and there is no TLS.

mod answer;
mod cbor;
mod protocol;
mod query;
mod request;
mod server;
mod signature;
mod strike;

pub(crate) mod reply;
mod xml;

pub(crate) use server::serve;
pub(crate) use signature::Scope;
