//! Sites: what the effects of a promotion are for them, one file each.
//!
//! What is written in which order is [`crate::site::plan`]'s word; here it is done, and judged by what visitors get.

mod account;
mod cancel;
mod carry;
mod check;
mod clean;
mod delivery;
mod edge;
mod outlook;
mod ports;
mod publish;
mod reading;
mod status;
mod switch;
mod tally;
mod trouble;
mod turn;
mod verify;
mod way_back;
mod work;

pub use outlook::SiteOutlook;
pub use ports::SitePorts;
pub use verify::SiteVerification;

pub(super) use account::{trouble_of, unverified};
pub(super) use cancel::Begun;
pub(super) use check::PastSites;
pub(super) use edge::LOOK_EVERY;
pub(super) use status::look;
pub(super) use work::Work;
