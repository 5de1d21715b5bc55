//! What is kept for ever: the hash-chained records of an environment, and the lease that orders its writers.

mod bundles;
mod chain;
pub mod history;
mod lease;
mod record;
mod releases;
mod scans;
mod site_record;
mod sites;

pub use bundles::{BundlesError, HandedIn};
pub use chain::{Ledger, LedgerError};
pub use lease::{Concluded, Lease, LeaseError, LeaseState, TakeOver};
pub use record::{ComponentRecord, RECORD_SCHEMA, Record, RecordKind, RollbackRecord, SeedStatus, TimelineEntry};
pub use releases::{Creation, Releases, ReleasesError};
pub use scans::{Reports, ReportsError};
pub use site_record::{SiteRecord, SiteRollbackRecord};
pub use sites::{Sites, SitesError};

#[cfg(test)]
mod tests;
