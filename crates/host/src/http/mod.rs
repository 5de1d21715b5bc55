//! The Probe port over HTTP.

mod address;
mod client;
mod probe;
mod reason;

pub use probe::HttpProbe;
