//! The ports of the fakes behind a saboteur, who counts every call and lets one of them, or all from it on, go wrong,
//! or kills the run there.

mod plan;
mod port;
mod ports;

pub(super) use plan::{Lasts, Place, Sabotage, Wrong};
pub(super) use ports::Ports;
