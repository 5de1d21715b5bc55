//! A site: files that are published like a release, switched last, and put back like one.
//!
//! Everything here is a function over values. What is in a bucket, on a disk or at an edge is read through ports.

mod path;

mod home;

mod headers;
mod types;

mod class;
mod naming;

mod survey;

mod rules;

mod manifest;

mod pack;

mod pack_reader;

mod marker;
mod runtime;

mod edge;
mod plan;

mod invalidation;

mod reference;

#[cfg(test)]
mod fixtures;

pub use class::FileClass;
pub use edge::{EdgeProblem, EdgeView};
pub use headers::{HeaderValue, Headers};
pub use home::{Home, SiteObject, SitePrefix};
pub use invalidation::{InvalidationPath, InvalidationReference, PATHS_LIMIT, everything, invalidation};
pub use manifest::{Content, MANIFEST_SCHEMA, Manifest, ManifestError, ManifestFile, SiteDigest};
pub use marker::{MARKER_SCHEMA, Marker, MarkerError, Publication, SiteOwner};
pub use pack::{PACK_LIMIT, PACKED_FILE_LIMIT, Pack, PackDraft, PackError, is_all_packed, packed};
pub use pack_reader::{PackReader, ReadPack, Reading};
pub use path::{OWN_FOLDER, PATH_LIMIT, SitePath};
pub use plan::{
    Aside, Before, Belief, Change, Deletions, Extent, Found, Keep, Kept, Past, PlanRefusal, PlanSummary,
    PublishSettings, ShareLimit, SitePlan, Wave, WaveKind, Write, keeps_large_files, plan, settled,
};
pub use reference::{Reference, ReferenceKind, references};
pub use rules::{HeaderRule, SiteLint, SiteRules};
pub use runtime::{RUNTIME_LIMIT, RuntimeFile, RuntimePath, RuntimeRules, RuntimeTooLarge};
pub use survey::{Gathering, Survey, SurveyError, SurveyProblem, SurveyRules};
