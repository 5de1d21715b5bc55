//! The `SiteFiles` port on a directory: what a site's build left, looked through once and read as often as asked.

mod walk;

mod seen;

mod hash;

mod read;

mod directory;

mod run;

pub use directory::SiteDirectory;
pub use run::{SiteBuildError, run_site_build};
