//! The real binary, as a user runs it, against a simulator on loopback.

#![expect(clippy::unwrap_used, reason = "what these helpers unwrap is what the tests assert")]

mod applications;
mod bad_input;
mod build;
mod guide;
mod interrupt;
mod kill;
mod logs;
mod open;
mod registry;
mod scan;
mod scanner;
mod shop;
mod signed;
mod site;
mod story;
mod verify;
