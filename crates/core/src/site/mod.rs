//! A site: files that are published like a release, switched last, and put back like one.
//!
//! Everything here is a function over values. What is in a bucket, on a disk or at an edge is read through ports.

mod path;

mod home;

mod class;
mod headers;

mod survey;

mod manifest;

mod invalidation;

pub use class::FileClass;
pub use headers::{HeaderValue, Headers};
pub use home::{Home, SiteObject, SitePrefix};
pub use invalidation::{InvalidationPath, InvalidationReference};
pub use manifest::{Content, MANIFEST_SCHEMA, Manifest, ManifestError, ManifestFile, SiteDigest};
pub use path::{OWN_FOLDER, PATH_LIMIT, SitePath};
pub use survey::{Gathering, Survey, SurveyError, SurveyProblem, SurveyRules};
