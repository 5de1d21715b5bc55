//! The ports of the fakes behind a saboteur, who counts every call and lets one of them, or all from it on, go wrong,
//! or kills the run there.

mod plan;
mod port;
mod ports;
mod sites;

pub(super) use plan::{Lasts, Place, Sabotage, Said, Side, Wrong};
pub(super) use ports::Ports;
pub(super) use sites::{Guesses, Saboteur};
