//! How often AWS is asked, and how soon an end is noticed, counted on the simulator's time.
//!
//! It measures no wall clock: `cargo xtask bench` does.

#![expect(clippy::unwrap_used, reason = "what these helpers unwrap is what the tests assert")]
#![expect(clippy::print_stderr, reason = "the figures are what somebody who runs this by hand wants to see")]

mod clock;
mod fleet;
mod naive;
mod shop;
mod waiting;
