//! Strict in-memory fakes of the ports, for tests here and in tools that embed Towpath (feature `fakes`).
//!
//! They need no runtime, do no IO and read no clock: time is a [`VirtualClock`] that they share. They refuse what the
//! real thing refuses, and fail when told to. They are no simulation of AWS: `towpath-sim` is.

#![expect(clippy::result_large_err, reason = "they answer with the ports' own error")]

mod builder;
mod bundles;
mod clock;
mod documents;
mod ecs;
mod evidence;
mod identity;
mod images;
mod mishap;
mod probe;
mod scanner;
mod scans;
mod secrets;
mod site;
mod source;
mod store;

pub use builder::FakeBuilder;
pub use bundles::{FakeBundles, FakeVerifier};
pub use clock::VirtualClock;
pub use documents::FakeDocuments;
pub use ecs::{Call, FakeEcs, Operation, Outcome};
pub use evidence::FakeEvidence;
pub use identity::FakeIdentity;
pub use images::FakeImages;
pub use mishap::Mishap;
pub use probe::ScriptedProbe;
pub use scanner::FakeScanner;
pub use scans::FakeScans;
pub use secrets::FakeSecrets;
pub use site::{EdgeContents, FakeBuckets, FakeEdge, FakeObject, FakeSiteFiles, Stop};
pub use source::FakeSource;
pub use store::{MemoryStore, Moment, StoreOperation};
