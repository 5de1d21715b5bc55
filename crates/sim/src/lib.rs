//! AWS on loopback, speaking AWS's wire protocols, for trying and testing deployment pipelines.
//!
//! It does not know Towpath: any AWS client can talk to it.
//! Start one with [`Simulator::start`]; `docs/simulator.md` says what it simulates and what it guesses.

mod alarms;
mod api;
mod content;
mod control;
mod distribution;
mod logs;
mod rest;
mod serve;
mod simulator;
mod targets;
mod wire;
mod world;

pub mod calls;
pub mod clock;
pub mod cloudfront;
pub mod ecr;
pub mod ecs;
pub mod fault;
pub mod faults;
pub mod image;
pub mod images;
pub mod s3;
pub mod scenario;
pub mod secrets;
pub mod state;
pub mod sts;

pub use clock::Pace;
pub use simulator::{Options, Simulator, StartError};
pub use world::PopulateError;
