//! Building a release: from Dockerfiles to images in a registry under their tags, and to a release that names them.
//!
//! No environment is touched, so there is neither lease nor journal: the release in the ledger is what makes a run
//! done. A run that was cut off is simply run again.

mod publish;
mod report;
mod run;
mod scan;
mod site;

#[cfg(test)]
mod tests;

pub use report::{BuildFailure, BuildNotice, BuildObserver, BuildReport, ComponentReport, TagReport};
pub use run::{Given, Workshop};
pub use scan::ScanRun;
pub use site::{KeepSiteError, KeptSite, keep_site};
