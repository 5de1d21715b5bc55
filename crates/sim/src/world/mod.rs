//! The simulated world: every account and region, one clock, one order of events.
//!
//! It is plain synchronous code; [`crate::simulator`] shares it between threads, [`crate::wire`] puts it on a port.

#[path = "../alarms/mod.rs"]
mod alarms;
mod estate;
#[path = "../logs/mod.rs"]
mod logs;
mod place;
mod populate;
mod running;
mod seen;
mod service;
#[path = "../targets/mod.rs"]
mod targets;

pub use alarms::{AlarmChange, AlarmSpec, AlarmState, When};
pub(crate) use alarms::Alarms;
pub(crate) use estate::Estate;
pub(crate) use logs::Logs;
pub(crate) use place::Place;
pub use populate::PopulateError;
pub(crate) use running::World;
pub(crate) use service::{QueryDialect, Service};
pub use targets::{HealthCheckSpec, ListenerSpec, LoadBalancerSpec, RuleSpec, TargetGroupSpec};
pub(crate) use targets::{LoadBalancing, Registered};
