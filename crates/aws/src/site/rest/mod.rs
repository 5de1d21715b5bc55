//! Services of AWS that speak HTTP and XML, asked without their SDK: signed requests, made again where that may help.
//!
//! Why not through the SDK is in `docs/decisions/0022-a-lean-way-to-s3.md`. Credentials, signing keys and what error
//! codes mean are the SDK's and the other adapters', nothing of that is made up here.

pub(in crate::site) mod encode;
pub(in crate::site) mod place;

pub(in crate::site) mod keyring;
mod sign;

pub(in crate::site) mod failed;
pub(in crate::site) mod xml;

pub(in crate::site) mod attempts;
mod body;
pub(in crate::site) mod client;
pub(in crate::site) mod http;
