//! The simulated world: every account and region, one clock, one order of events.
//!
//! It is plain synchronous code; [`crate::simulator`] shares it between threads, [`crate::wire`] puts it on a port.

mod estate;
mod place;
mod populate;
mod running;
mod seen;
mod service;

pub(crate) use crate::alarms::Alarms;
pub use crate::alarms::{AlarmChange, AlarmSpec, AlarmState, When};
pub(crate) use crate::logs::Logs;
pub use crate::targets::{HealthCheckSpec, ListenerSpec, LoadBalancerSpec, RuleSpec, TargetGroupSpec};
pub(crate) use crate::targets::{LoadBalancing, Registered};
pub(crate) use estate::Estate;
pub(crate) use place::Place;
pub use populate::PopulateError;
pub(crate) use populate::populate_storage;
pub(crate) use running::{World, not_before_today};
pub(crate) use service::{QueryDialect, Service};
