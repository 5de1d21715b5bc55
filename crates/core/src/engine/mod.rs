//! The engine: the only loop. It observes through ports, asks the domain, journals the event, performs the effect.
//!
//! It chooses nothing: what is done next is [`Promotion::outstanding`](crate::promotion::Promotion::outstanding)'s word.

mod world;
mod notice;
mod report;
mod entry;
mod run;
mod call;
mod facts;
mod check;
mod planning;
mod preflight;
mod document;
mod register;
mod update;
mod watch;
mod smoke;
mod way_back;
mod conclude;
mod plan;
mod status;

pub use entry::{Engine, EngineError, PromoteRequest};
pub use notice::{Notice, Observer, Silent};
pub use plan::{Checked, Plan};
pub use report::Report;
pub use status::{ComponentStatus, EnvironmentStatus, Health};
pub use world::{Interrupt, Settings, World};

#[cfg(test)]
mod tests;
