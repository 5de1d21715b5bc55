//! `CloudWatch` alarms of one account and region: their states, what a scenario scripts for them, and their API.
//!
//! No metric is ever evaluated: an alarm changes when somebody says so, by API, by script or by the control interface.

mod alarm;
mod script;
mod state;
mod store;

mod api;

pub use script::{AlarmChange, AlarmSpec, When};
pub(crate) use script::{Seen, SeenRollout};
pub use state::AlarmState;
pub(crate) use store::Alarms;
