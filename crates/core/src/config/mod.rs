//! `towpath.toml`: from text to values, with the line and column of every mistake.

mod application;

pub use application::{Application, Component, Environment, LedgerLocation, ReleaseRules, Service};
