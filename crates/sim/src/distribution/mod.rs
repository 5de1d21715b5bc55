//! The OCI distribution API (`/v2/`), as ECR speaks it: docker, buildah, podman and skopeo push and pull here.
//!
//! What is pushed is in the registries of [`crate::ecr`], and its bytes are in [`crate::content`]. There is no TLS.
//! Every request is noted in the log of calls as one of the service `registry`, under the name of ECR's own action.

mod address;
mod login;
mod problem;
mod route;

mod answer;
mod visit;

mod download;
mod layers;
mod lists;
mod manifests;
mod uploads;

pub(crate) use answer::answer;

/// The name of the service in the log of calls and in faults.
const SERVICE: &str = "registry";

/// Whether requests to `path` belong here.
pub(crate) fn is_for(path: &str) -> bool {
    path == "/v2" || path.starts_with("/v2/") || path.starts_with("/_layers/")
}
