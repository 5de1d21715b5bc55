//! The adapters over loopback, against servers that misbehave in chosen ways.
//!
//! What AWS means by its answers is tested against the simulator; here it is what the wire proves.

// A helper may unwrap as a test may: `cfg(test)` says that it belongs to one.
#[cfg(test)]
mod cbor;
#[cfg(test)]
mod server;

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod platforms;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod steering;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod update;
