//! An image's manifest: the children of an index.
//!
//! It looks one level deep, as every builder makes them, and checks no signature.

use serde_json::Value;
use towpath_core::identifier::Digest;

use crate::json::{self, Unreadable};

/// What ECR is asked for, so that it converts nothing.
pub(crate) const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
];

/// The digests of an index's children that can be run; empty for a single image.
pub(crate) fn children(manifest: &Value) -> Result<Vec<Digest>, Unreadable> {
    images(manifest)?.map(|child| json::required_parsed(child, "digest", "a digest")).collect()
}

/// The entries of an index that can be run.
pub(crate) fn images(manifest: &Value) -> Result<impl Iterator<Item = &Value>, Unreadable> {
    Ok(json::list(manifest, "manifests")?.iter().filter(|child| !is_attestation(child)))
}

/// Builders put provenance and bills of materials beside the images, as if for an unknown platform.
fn is_attestation(child: &Value) -> bool {
    let part = |name| json::member(child, name).unwrap_or(&Value::Null);
    let platform = part("platform");
    let is_unknown = |name| platform.get(name).and_then(Value::as_str) == Some("unknown");
    let annotated = part("annotations").get("vnd.docker.reference.type");
    is_unknown("os") && is_unknown("architecture") || annotated.and_then(Value::as_str) == Some("attestation-manifest")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_single_image_has_no_children() {
        assert_eq!(children(&json!({"schemaVersion": 2, "config": {}, "layers": []})), Ok(vec![]));
    }

    #[test]
    fn attestations_are_no_images() {
        let (amd, arm, other) = (Digest::of(b"amd"), Digest::of(b"arm"), Digest::of(b"attestation"));
        let index = json!({"schemaVersion": 2, "manifests": [
            {"digest": amd.as_str(), "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": other.as_str(), "platform": {"architecture": "unknown", "os": "unknown"}},
            {"digest": other.as_str(), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
            {"platform": {"architecture": "arm64", "os": "linux"}, "digest": arm.as_str()},
        ]});
        assert_eq!(children(&index), Ok(vec![amd, arm]));
    }

    #[test]
    fn a_child_without_a_digest_is_unreadable() {
        assert!(children(&json!({"manifests": [{"platform": {"os": "linux"}}]})).is_err());
        assert!(children(&json!({"manifests": "none"})).is_err());
    }
}
