//! From the checked tree to values, and what is wrong between several values.
//!
//! A value that `check` has complained of is left out here without another word.

mod application;
mod build;
mod component;
mod deployment;
mod environment;
mod reference;
mod scan;
mod service;
mod signed;
mod site;
mod smoke;
mod trigger;

pub(super) use application::application;
