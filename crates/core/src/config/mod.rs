//! `towpath.toml`: from text to values, with the line and column of every mistake.

mod application;
mod duration;

pub use application::{Application, Component, Environment, LedgerLocation, ReleaseRules, Service};
pub use duration::{parse_duration, plain_duration};
