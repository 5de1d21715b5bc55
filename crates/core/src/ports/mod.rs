//! What Towpath needs of the world, in domain words: one trait a file, each method with what is true after it returns.

mod call;
mod clock;
pub mod conformance;
mod documents;
mod identity;
mod images;
mod probe;
mod secrets;
mod services;
mod source;
mod store;
mod task_definitions;

pub use call::{CallError, Fault};
pub use clock::Clock;
pub use documents::{Documents, ReadError};
pub use identity::{Caller, Identity};
pub use images::{ImagePresence, Images};
pub use probe::Probe;
pub use secrets::{SecretPresence, Secrets};
pub use services::Services;
pub use source::{Source, SourceError};
pub use store::{Revision, Store, StoreError, StoreKey, Stored};
pub use task_definitions::{RegisteredRevision, TaskDefinitions};
