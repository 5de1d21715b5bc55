//! The simulator as a library: starting it, moving its time, looking into it.
//!
//! What it simulates is elsewhere; here it gets threads and a port.

mod background;
mod error;
mod handle;
mod shared;

pub use error::StartError;
pub use handle::{Options, Simulator};
pub(crate) use shared::Shared;
