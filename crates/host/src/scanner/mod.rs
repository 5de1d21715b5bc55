//! The image scanner's port through a program on this machine: Trivy or Grype, of the version that is pinned.
//!
//! What it writes is read by `towpath_core::scan`; nothing is judged here.

mod arguments;
mod pinned;
mod run;
mod view;

pub use pinned::ScannerRefused;
pub use run::{HostScanner, HostScannerError};
