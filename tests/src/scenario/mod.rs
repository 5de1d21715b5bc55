//! The harness of the scenarios: one service in one account, a run over it, and what must hold after every run.
//!
//! A scenario makes a [`Shop`] with what is special about it, opens it as a [`Play`], lets a run happen and asks the
//! [`Told`] of it. What must hold after every run is asserted by the harness itself, in `invariants`.

#![expect(clippy::missing_panics_doc, reason = "a harness that panics fails the test, which is what it is for")]

mod faults;
mod invariants;
mod play;
mod proxy;
mod recorder;
mod sentinels;
mod shop;
mod site;
mod stub;
mod told;
mod truth;

pub use faults::{denied, refused, throttled};
pub use play::{Death, Play, Sight, Way, somebody};
pub use proxy::Proxy;
pub use shop::Shop;
pub use site::{BUCKET, DISTRIBUTION, SitePlay, SiteShop, SiteTold, build, ports as site_ports};
pub use stub::{Stub, answer};
pub use told::Told;
pub use truth::Truth;
