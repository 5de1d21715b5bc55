//! What can be read from a manifest: its type, its size, and the layers and manifests that it refers to.
//!
//! A manifest is never written anew from what was read: its bytes are its identity.

use serde_json::Value;

use crate::fault::AwsError;

/// A manifest that was read.
#[derive(Debug)]
pub(crate) struct Manifest {
    document: Value,
}

const IMAGE_TYPES: &[&str] =
    &["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const INDEX_TYPES: &[&str] =
    &["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

/// The largest manifest: 4 MiB.
pub(crate) const LARGEST: usize = 4 * 1024 * 1024;

impl Manifest {
    /// Reads `text`.
    pub(crate) fn read(text: &str) -> Result<Self, AwsError> {
        let document: Value = serde_json::from_str(text).map_err(|_| invalid("Invalid JSON syntax"))?;
        if document.get("schemaVersion").and_then(Value::as_u64).is_none() {
            return Err(invalid("'schemaVersion' is missing"));
        }
        Ok(Self { document })
    }

    /// The media type: as `given`, or as the manifest says itself.
    ///
    /// Without either, ECR says no more than that the syntax is wrong.
    pub(super) fn media_type(&self, given: Option<&str>) -> Result<String, AwsError> {
        let inner = self.document.get("mediaType").and_then(Value::as_str);
        match (given, inner) {
            (Some(given), Some(inner)) if given != inner => {
                Err(invalid("'imageManifestMediaType' differs from the manifest's own mediaType"))
            }
            (Some(media_type), _) | (None, Some(media_type)) => Ok(media_type.to_owned()),
            (None, None) => Err(invalid("Invalid JSON syntax")),
        }
    }

    /// Refuses what is no manifest of `media_type`: one of another type or version, or without what it has to have.
    pub(super) fn check_shape(&self, media_type: &str) -> Result<(), AwsError> {
        let is_descriptor = |part: &Value| {
            let has = |name: &str| part.get(name).is_some_and(Value::is_string);
            has("mediaType") && has("digest") && part.get("size").is_some_and(Value::is_u64)
        };
        let are_descriptors = |name: &str| {
            self.document.get(name).and_then(Value::as_array).is_some_and(|all| all.iter().all(is_descriptor))
        };
        let is_whole = if is_index(media_type) {
            are_descriptors("manifests")
        } else {
            IMAGE_TYPES.contains(&media_type)
                && are_descriptors("layers")
                && self.document.get("config").is_some_and(is_descriptor)
        };
        if is_whole && self.document.get("schemaVersion").and_then(Value::as_u64) == Some(2) {
            return Ok(());
        }
        Err(invalid("Invalid JSON syntax"))
    }

    /// The digests of the manifests that an index refers to; an image refers to none.
    pub(crate) fn children(&self) -> impl Iterator<Item = &str> {
        self.descriptors("manifests").filter_map(digest_of)
    }

    /// The digests of the configuration and the layers that have to be in the repository.
    ///
    /// A layer with addresses of its own is somewhere else.
    pub(super) fn layers(&self) -> impl Iterator<Item = &str> {
        let layers = self.descriptors("layers").filter(|layer| layer.get("urls").is_none());
        self.document.get("config").into_iter().chain(layers).filter_map(digest_of)
    }

    /// The digest of the configuration.
    pub(super) fn configuration(&self) -> Option<&str> {
        self.document.get("config").and_then(digest_of)
    }

    /// The digest of the manifest that this one is about.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.document.get("subject").and_then(digest_of)
    }

    /// What kind of artifact it is: as it says, or as the type of its configuration does.
    pub(crate) fn artifact_type(&self) -> Option<&str> {
        let own = self.document.get("artifactType").and_then(Value::as_str);
        own.or_else(|| self.document.get("config")?.get("mediaType")?.as_str())
    }

    /// The annotations, if there are any.
    pub(crate) fn annotations(&self) -> Option<&Value> {
        self.document.get("annotations")
    }

    /// An annotation, for example `org.opencontainers.image.version`.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations()?.get(name)?.as_str()
    }

    /// The platforms of the entries of an index, as `linux/amd64`; an entry that names none is left out.
    pub(crate) fn platforms(&self) -> impl Iterator<Item = String> {
        self.descriptors("manifests").filter_map(|child| {
            let platform = child.get("platform")?;
            let part = |name: &str| platform.get(name).and_then(Value::as_str);
            Some(format!("{}/{}", part("os")?, part("architecture")?))
        })
    }

    /// The bytes of the configuration and the layers.
    pub(super) fn size(&self) -> u64 {
        let size = |part: &Value| part.get("size").and_then(Value::as_u64).unwrap_or(0);
        let config = self.document.get("config").map_or(0, size);
        self.descriptors("layers").map(size).fold(config, u64::saturating_add)
    }

    fn descriptors(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.document.get(name).and_then(Value::as_array).into_iter().flatten()
    }
}

fn digest_of(descriptor: &Value) -> Option<&str> {
    descriptor.get("digest").and_then(Value::as_str)
}

/// Whether `media_type` is that of an index.
pub(crate) fn is_index(media_type: &str) -> bool {
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
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_manifest_is_refused() {
        for text in ["", "{}", "[]", "{\"schemaVersion\": \"2\"}"] {
            assert!(Manifest::read(text).is_err(), "{text}");
        }
    }

    fn check_shape(media_type: &str, document: &Value, is_whole: bool) {
        let manifest = Manifest::read(&document.to_string()).unwrap();
        assert_eq!(manifest.check_shape(media_type).is_ok(), is_whole, "{document}");
    }

    #[test]
    fn a_manifest_is_whole_or_refused() {
        let part = json!({"mediaType": "x", "digest": "sha256:00", "size": 1});
        let image = json!({"schemaVersion": 2, "config": part, "layers": [part]});
        check_shape(IMAGE_TYPES[0], &image, true);
        check_shape(IMAGE_TYPES[1], &image, true);
        check_shape("application/vnd.docker.distribution.manifest.v1+json", &image, false);
        check_shape(INDEX_TYPES[0], &image, false);
        check_shape(INDEX_TYPES[0], &json!({"schemaVersion": 2, "manifests": [part]}), true);
        check_shape(INDEX_TYPES[0], &json!({"schemaVersion": 1, "manifests": [part]}), false);
        check_shape(IMAGE_TYPES[0], &json!({"schemaVersion": 2, "layers": []}), false);
        check_shape(IMAGE_TYPES[0], &json!({"schemaVersion": 2, "config": part, "layers": [{}]}), false);
    }

    #[test]
    fn what_an_artifact_says_of_itself_is_read() {
        let text = r#"{"schemaVersion":2,"config":{"mediaType":"c"},"subject":{"digest":"sha256:00"}}"#;
        let manifest = Manifest::read(text).unwrap();
        assert_eq!((manifest.subject(), manifest.artifact_type()), (Some("sha256:00"), Some("c")));
    }

    proptest::proptest! {
        #[test]
        fn no_manifest_is_too_strange(text in ".*", size in proptest::num::u64::ANY) {
            let _refused = Manifest::read(&text);
            let huge = json!({"schemaVersion": 2, "config": {"size": size}, "layers": [{"size": size}, {}, 5], "manifests": [text]});
            let manifest = Manifest::read(&huge.to_string()).unwrap();
            proptest::prop_assert!(manifest.size() >= size);
            proptest::prop_assert_eq!(manifest.children().count(), 0);
            proptest::prop_assert_eq!(manifest.platforms().count(), 0);
        }
    }
}
