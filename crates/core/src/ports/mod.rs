//! What Towpath needs of the world, in domain words: one trait a file, each method with what is true after it returns.

mod alarms;
mod bucket;
mod builder;
mod bundles;
mod call;
mod cdn;
mod clock;
pub mod conformance;
mod documents;
mod identity;
mod images;
mod logs;
mod probe;
mod publishing;
mod scanner;
mod scans;
mod secrets;
mod services;
mod site_files;
mod source;
mod store;
mod targets;
mod task_definitions;
mod verifier;

pub use alarms::Alarms;
pub use bucket::{
    Bucket, BucketError, Carried, Copy, Deleted, ETag, Examined, Failure, Listed, MarkerState, Missed, Progress,
    PutMarker, StoredMarker, Upload, UploadSource, Waved,
};
pub use builder::{BuildError, BuildOutput, BuildRequest, Builder, BuiltImage};
pub use bundles::{Bundles, FoundBundle};
pub use call::{CallError, Fault};
pub use cdn::{Cdn, CdnError, Distribution, ErrorDocument, Invalidation, InvalidationStatus, Origin};
pub use clock::Clock;
pub use documents::{Documents, ReadError};
pub use identity::{Caller, Identity};
pub use images::{ImagePresence, Images, Platform};
pub use logs::{LogStream, Logs};
pub use probe::Probe;
pub use publishing::{ImageContents, ImageLayout, Moved, PublishError, Published, Tagged, WhenTaken};
pub use scanner::{ImageScanner, ScanTarget, ScannerError, ScannerReport};
pub use scans::{Answer, Scans};
pub use secrets::{SecretPresence, Secrets};
pub use services::{ServiceUpdate, Services};
pub use site_files::{FileBytes, FileError, SiteFiles, WHOLE_LIMIT};
pub use source::{Source, SourceError};
pub use store::{Pieces, Revision, Store, StoreError, StoreKey, Stored};
pub use targets::Targets;
pub use task_definitions::{RegisteredRevision, TaskDefinitions};
pub use verifier::{Trust, TrustedKey, Verified, Verifier, VerifyError};
