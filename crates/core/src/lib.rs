//! Towpath's domain, ports and engine.
//!
//! It decides everything and touches nothing: no IO of its own, no clock, no SDK, no runtime.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod identifier;

pub mod build;
pub mod config;
pub mod policy;
pub mod release;
pub mod rollback;
pub mod rollout;
pub mod scan;
pub mod signature;
pub mod site;
pub mod smoke;
pub mod task_definition;

pub mod promotion;

pub mod ledger;

pub mod ports;

pub mod engine;
#[cfg(any(test, feature = "fakes"))]
pub mod fakes;
