//! The real binary, as a user runs it, against a simulator on loopback.

mod bad_input;
mod kill;
mod shop;
mod story;
