//! One call to AWS: sent, sent again only where that is safe, and its failure classified by evidence.
//!
//! It knows no service: what an error code means is in [`crate::fault`].

mod credentials;
mod failure;
mod pauses;
mod send;
mod terms;
mod text;
mod wire;

pub(crate) use credentials::classify as uncredentialed;
pub(crate) use pauses::jitter;
pub(crate) use send::{Call, Nature};
pub(crate) use terms::Terms;
pub(crate) use text::{chain, clean};
pub(crate) use wire::{Wire, host};
