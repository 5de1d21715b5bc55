//! The simulated world: every account and region, one clock, one order of events.
//!
//! It is plain synchronous code; [`crate::simulator`] shares it between threads, [`crate::wire`] puts it on a port.

#[path = "../alarms/mod.rs"]
mod alarms;
mod estate;
mod place;
mod populate;
mod running;
mod service;

pub use alarms::{AlarmChange, AlarmSpec, AlarmState, When};
pub(crate) use alarms::Alarms;
pub(crate) use estate::Estate;
pub(crate) use place::Place;
pub use populate::PopulateError;
pub(crate) use running::World;
pub(crate) use service::Service;
