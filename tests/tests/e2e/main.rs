//! The real engine and the real AWS adapters against the simulator over loopback HTTP.

mod bad_input;
mod crash;
mod endings;
mod ledger_trouble;
mod lost_answers;
mod several;
mod story;
