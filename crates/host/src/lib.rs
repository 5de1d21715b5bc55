//! Towpath's ports on the machine itself: a store in a folder, HTTP probes, git, documents, builders and scanners of images, signatures, the files of sites, the clock.
//!
//! It decides nothing and knows no AWS. Every type here implements one trait of [`towpath_core::ports`].

mod build;
mod clock;
mod documents;
mod git;
mod http;
mod scanner;
mod signature;
mod site;
mod store;

pub use build::{HostBuilder, HostBuilderError, RegistryLogin};
pub use clock::SystemClock;
pub use documents::RepositoryDocuments;
pub use git::GitSource;
pub use http::HttpProbe;
pub use scanner::{HostScanner, HostScannerError, ScannerRefused};
pub use signature::BundleVerifier;
#[cfg(feature = "fakes")]
pub use signature::forge;
pub use site::{SiteBuildError, SiteDirectory, run_site_build};
pub use store::DirectoryStore;
