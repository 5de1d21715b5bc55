//! The adapters over loopback, against servers that misbehave in chosen ways.
//!
//! What AWS means by its answers is tested against the simulator; here it is what the wire proves.

mod server;

mod callers;
mod documents;
mod reads;
mod update;
