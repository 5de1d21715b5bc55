//! The OCI distribution API over the wire: what docker, buildah and skopeo say, said by hand.
//!
//! The clients themselves are tried elsewhere.

mod support;

mod access;
mod declared;
mod faults;
mod lifecycle;
mod pull;
mod push;
mod scanning;
mod uploads;
