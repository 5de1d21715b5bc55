//! AWS on loopback, speaking AWS's wire protocols, for trying and testing deployment pipelines.
//!
//! It does not know Towpath: any AWS client can talk to it.

pub mod clock;
pub mod ecs;
pub mod fault;
pub mod image;
pub mod wire;
