//! The simulator over loopback, with nothing between the tests and the wire.
//!
//! Other people's clients are tried in the workspace's `tests`.

// A helper may unwrap as a test may: this says that it belongs to one.
#[cfg(test)]
mod support;

#[cfg(test)]
mod alarms;
#[cfg(test)]
mod cloudfront;
#[cfg(test)]
mod control;
#[cfg(test)]
mod diagnosis;
#[cfg(test)]
mod ecs;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod rest_strange;
#[cfg(test)]
mod s3;
#[cfg(test)]
mod s3_versions;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod strange;
#[cfg(test)]
mod traffic;
#[cfg(test)]
mod wire;
