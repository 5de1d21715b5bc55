//! What can be read from a manifest: its type, its size and the manifests that it refers to.
//!
//! A manifest is never written anew from what was read: its bytes are its identity.

use serde_json::{Value, json};

use crate::{api::sha256, fault::AwsError};

/// A manifest that was read.
pub(crate) struct Manifest {
    document: Value,
}

const INDEX_TYPES: &[&str] =
    &["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

impl Manifest {
    /// Reads `text`.
    pub(crate) fn read(text: &str) -> Result<Self, AwsError> {
        let document: Value = serde_json::from_str(text).map_err(|_| invalid("Invalid JSON syntax"))?;
        if document.get("schemaVersion").and_then(Value::as_u64).is_none() {
            return Err(invalid("'schemaVersion' is missing"));
        }
        Ok(Self { document })
    }

    /// The manifest of a made-up image: the same for the same repository, version and commit, wherever it is pushed.
    pub(crate) fn made_up(repository: &str, version: &str, commit: &str) -> String {
        let identity = format!("{repository}\n{version}\n{commit}");
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": sha256(format!("config\n{identity}")),
                "size": 1469,
            },
            "layers": [{
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": sha256(format!("layer\n{identity}")),
                "size": 31_357_624,
            }],
        });
        manifest.to_string()
    }

    /// The media type: as `given`, or as the manifest says itself.
    pub(super) fn media_type(&self, given: Option<&str>) -> Result<String, AwsError> {
        let inner = self.document.get("mediaType").and_then(Value::as_str);
        match (given, inner) {
            (Some(given), Some(inner)) if given != inner => {
                Err(invalid("'imageManifestMediaType' differs from the manifest's own mediaType"))
            }
            (Some(media_type), _) | (None, Some(media_type)) => Ok(media_type.to_owned()),
            (None, None) => Err(invalid("a manifest without a mediaType needs 'imageManifestMediaType'")),
        }
    }

    /// The digests of the manifests that an index refers to; an image refers to none.
    pub(crate) fn children(&self) -> impl Iterator<Item = &str> {
        let manifests = self.document.get("manifests").and_then(Value::as_array);
        manifests.into_iter().flatten().filter_map(|child| child.get("digest").and_then(Value::as_str))
    }

    /// An annotation, for example `org.opencontainers.image.version`.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.document.get("annotations")?.get(name)?.as_str()
    }

    /// The bytes of the configuration and the layers.
    pub(super) fn size(&self) -> u64 {
        let size = |part: &Value| part.get("size").and_then(Value::as_u64).unwrap_or(0);
        let layers = self.document.get("layers").and_then(Value::as_array).into_iter().flatten();
        let config = self.document.get("config").map_or(0, size);
        layers.map(size).fold(config, u64::saturating_add)
    }
}

/// Whether `media_type` is that of an index.
pub(super) fn is_index(media_type: &str) -> bool {
    INDEX_TYPES.contains(&media_type)
}

fn invalid(constraint: &str) -> AwsError {
    AwsError::client(
        "InvalidParameterException",
        format!("Invalid parameter at 'ImageManifest' failed to satisfy constraint: '{constraint}'"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_manifest_is_stable_and_distinct() {
        let one = Manifest::made_up("shop-api", "1.0.0", "c0ffee");
        assert_eq!(one, Manifest::made_up("shop-api", "1.0.0", "c0ffee"));
        assert_ne!(one, Manifest::made_up("shop-api", "1.0.1", "c0ffee"));
        assert_eq!(Manifest::read(&one).unwrap().size(), 31_359_093);
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in ["", "{}", "[]", "{\"schemaVersion\": \"2\"}"] {
            assert!(Manifest::read(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_manifest_is_too_strange(text in ".*", size in proptest::num::u64::ANY) {
            let _refused = Manifest::read(&text);
            let huge = json!({"schemaVersion": 2, "config": {"size": size}, "layers": [{"size": size}, {}, 5], "manifests": [text]});
            let manifest = Manifest::read(&huge.to_string()).unwrap();
            proptest::prop_assert!(manifest.size() >= size);
            proptest::prop_assert_eq!(manifest.children().count(), 0);
        }
    }
}
