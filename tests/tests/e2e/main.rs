//! The real engine and the real AWS adapters against the simulator over loopback HTTP.

#![expect(clippy::unwrap_used, reason = "what these helpers unwrap is what the tests assert")]

mod bad_input;
mod crash;
mod endings;
mod fuzz_seeds;
mod ledger_trouble;
mod lost_answers;
mod several;
mod story;
