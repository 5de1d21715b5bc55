//! The origin as an edge sees it: an object, or an error.
//!
//! The edge may read the bucket whatever its policy says: there is no origin access control to get wrong yet.

use std::sync::Arc;

use crate::{
    cloudfront::spec::DistributionSpec,
    rest::decoded,
    s3::{S3, Version},
};

/// What the origin answered.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Found(Arc<Version>),
    /// The status of an error.
    Error(u16),
}

/// Asks the origin for a path as the viewer wrote it.
pub(super) fn fetch(storage: &S3, spec: &DistributionSpec, path: &str) -> Outcome {
    let path = decoded(path);
    let wanted = if path == "/" { format!("/{}", spec.default_root_object) } else { path.into_owned() };
    let key = format!("{}{wanted}", spec.origin_path);
    let key = key.strip_prefix('/').unwrap_or(&key);
    let absent = if spec.may_list { 404 } else { 403 };
    let Ok(bucket) = storage.bucket(&spec.bucket) else { return Outcome::Error(404) };
    let state = bucket.state();
    match state.contents.current(key) {
        Some(version) => Outcome::Found(Arc::clone(version)),
        None => Outcome::Error(absent),
    }
}

impl Outcome {
    /// Whether it is what was there before.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let tag = |outcome: &Self| match outcome {
            Self::Found(version) => version.object().map(|object| object.etag.clone()),
            Self::Error(_) => None,
        };
        tag(self).is_some_and(|this| Some(this) == tag(other))
    }
}
