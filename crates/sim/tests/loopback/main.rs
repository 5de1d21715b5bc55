//! The simulator over loopback, with nothing between the tests and the wire.
//!
//! Other people's clients are tried in the workspace's `tests`.

mod support;

mod control;
mod faults;
mod scenario;
mod serve;
mod wire;
