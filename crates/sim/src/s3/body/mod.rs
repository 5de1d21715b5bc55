//! Taking the body of a request: unframing it, computing its sums, judging what the client claims about it.
//!
//! Signatures of chunks are read over: the simulator keeps no secret keys.

mod chunked;
mod claims;
mod receive;

pub(super) use claims::{Claims, bad_digest};
pub(super) use receive::{collect, receive};
