//! What a manifest says that an image consists of. Its bytes are kept, and never written anew.
//!
//! What is not known here is kept where it is only bytes, such as the type of a layer, and refused by name where it
//! might hide something that would have to be brought too.

use bytes::Bytes;
use serde_json::Value;
use towpath_core::identifier::Digest;

use crate::{ecr::images_of, json};

/// The longest manifest that ECR takes.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// The types that are asked for, so that nothing is converted.
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const IMAGES: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
const ATTESTATION: &str = "application/vnd.in-toto+json";

/// A manifest.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) digest: Digest,
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
    pub(super) parts: Parts,
    /// What it refers to, where it is a signature or the like.
    pub(super) subject: Option<Digest>,
    /// Why nothing can run of it, where that is so.
    pub(super) cannot_run: Option<String>,
}

/// What a manifest is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parts {
    /// An index, of manifests.
    Index(Vec<Entry>),
    /// An image, of its configuration and layers.
    Image(Vec<Entry>),
}

/// Something that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) digest: Digest,
    pub(super) size: u64,
    pub(super) media_type: Option<String>,
}

impl Manifest {
    /// Reads these bytes; `media_type` is what whoever gave them says that they are.
    pub(super) fn read(digest: &Digest, bytes: Bytes, media_type: Option<&str>) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| "its manifest is not JSON".to_owned())?;
        let inner = json::text(&value, "mediaType").map_err(|problem| problem.to_string())?;
        let media_type = inner.or(media_type).unwrap_or_default();
        // A parameter such as a character set belongs to the answer, not to the type.
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        let (parts, cannot_run) = parts(&value, media_type)?;
        let subject = value.get("subject").map(|subject| entry(subject).map(|subject| subject.digest)).transpose()?;
        let media_type = media_type.to_owned();
        Ok(Self { digest: digest.clone(), media_type, bytes, parts, subject, cannot_run })
    }
}

fn parts(value: &Value, media_type: &str) -> Result<(Parts, Option<String>), String> {
    let has = |name| json::member(value, name).is_some();
    match media_type {
        _ if has("manifests") && (has("layers") || has("config")) => {
            Err("its manifest is an index and an image at once".to_owned())
        }
        index if INDEXES.contains(&index) => {
            let runs = images_of(value).map_err(|problem| problem.to_string())?.next().is_some();
            let why = (!runs).then(|| "it is an index without an image, of attestations at most".to_owned());
            Ok((Parts::Index(entries(value, "manifests")?), why))
        }
        image if IMAGES.contains(&image) => Ok((Parts::Image(blobs(value)?), cannot_run(value))),
        "" => Err("nothing says of which type its manifest is".to_owned()),
        other => Err(format!("its manifest is of type `{}`", crate::call::clean(other))),
    }
}

fn blobs(image: &Value) -> Result<Vec<Entry>, String> {
    let mut blobs = vec![entry(json::required(image, "config").map_err(|problem| problem.to_string())?)?];
    let layers = json::list(image, "layers").map_err(|problem| problem.to_string())?;
    for layer in layers.iter().filter(|layer| !is_foreign(layer)) {
        blobs.push(entry(layer)?);
    }
    Ok(blobs)
}

fn entries(value: &Value, name: &str) -> Result<Vec<Entry>, String> {
    json::list(value, name).map_err(|problem| problem.to_string())?.iter().map(entry).collect()
}

/// An entry of a list that a registry or a layout gives.
pub(super) fn entry(value: &Value) -> Result<Entry, String> {
    let size = json::member(value, "size").and_then(Value::as_u64).ok_or("a part of it has no size")?;
    let digest = json::required_parsed(value, "digest", "a SHA-256 digest").map_err(|problem| problem.to_string())?;
    let media_type = json::text(value, "mediaType").map_err(|problem| problem.to_string())?.map(str::to_owned);
    Ok(Entry { digest, size, media_type })
}

/// A list of entries, as an index has it.
pub(super) fn list(bytes: &[u8]) -> Result<Vec<Entry>, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| "it is not JSON".to_owned())?;
    entries(&value, "manifests")
}

/// Layers that may not be redistributed are fetched from where their manifest says, by whoever runs the image.
fn is_foreign(layer: &Value) -> bool {
    let media_type = layer.get("mediaType").and_then(Value::as_str).unwrap_or_default();
    let is_kept_elsewhere = layer.get("urls").and_then(Value::as_array).is_some_and(|urls| !urls.is_empty());
    is_kept_elsewhere && (media_type.contains(".foreign.") || media_type.contains(".nondistributable."))
}

fn cannot_run(image: &Value) -> Option<String> {
    let kind = |part: Option<&Value>| {
        part.and_then(|part| part.get("mediaType")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let configuration = kind(image.get("config"));
    if !CONFIGURATIONS.contains(&configuration.as_str()) {
        return Some(format!("its configuration is of type `{}`, not an image's", crate::call::clean(&configuration)));
    }
    let layers = image.get("layers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if layers.is_empty() {
        return Some("it has no layer".to_owned());
    }
    layers.iter().all(|layer| kind(Some(layer)) == ATTESTATION).then(|| "it is an attestation, not an image".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Manifest, String> {
        let bytes = value.to_string();
        Manifest::read(&Digest::of(bytes.as_bytes()), bytes.into(), Some("text/plain; charset=utf-8"))
    }

    fn part(kind: &str, size: u64) -> Value {
        json!({"mediaType": kind, "digest": Digest::of(kind.as_bytes()).as_str(), "size": size})
    }

    fn image(configuration: &str, layers: &[Value]) -> Value {
        json!({"mediaType": IMAGES[0], "config": part(configuration, 2), "layers": layers})
    }

    #[test]
    fn an_image_is_its_configuration_and_its_layers_whatever_their_type() {
        let manifest = read(&image(CONFIGURATIONS[0], &[part("application/x-new", 0)])).unwrap();
        let Parts::Image(parts) = manifest.parts else { panic!() };
        assert_eq!(parts.iter().map(|part| part.size).collect::<Vec<_>>(), [2, 0]);
        assert_eq!(manifest.cannot_run, None);
    }

    #[test]
    fn a_layer_that_is_kept_elsewhere_is_not_brought() {
        let mut foreign = part("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", 9);
        let brought = |layer: &Value| match read(&image(CONFIGURATIONS[1], std::slice::from_ref(layer))).unwrap().parts
        {
            Parts::Image(parts) => parts.len(),
            Parts::Index(_) => panic!(),
        };
        assert_eq!(brought(&foreign), 2);
        foreign["urls"] = json!(["https://example.com/layer"]);
        assert_eq!(brought(&foreign), 1);
    }

    #[test]
    fn what_nothing_can_run_of_says_why() {
        let check = |value: &Value, why: &str| {
            let said = read(value).unwrap().cannot_run.unwrap_or_default();
            assert!(said.contains(why), "{said}");
        };
        check(&image("application/vnd.oci.empty.v1+json", &[part("x", 1)]), "application/vnd.oci.empty.v1+json");
        check(&image(CONFIGURATIONS[0], &[]), "no layer");
        check(&image(CONFIGURATIONS[0], &[part(ATTESTATION, 1)]), "attestation");
        let mut child = part(IMAGES[0], 1);
        child["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        check(&json!({"mediaType": INDEXES[0], "manifests": [child]}), "attestations at most");
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let check = |value: &Value, why: &str| {
            let said = read(value).unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        let schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        check(&json!({"mediaType": schema1}), schema1);
        check(&json!({"schemaVersion": 2}), "text/plain");
        check(&json!({"mediaType": INDEXES[0], "manifests": [], "layers": []}), "at once");
        check(&json!({"mediaType": INDEXES[0], "manifests": [{"size": 1, "digest": "sha512:00"}]}), "SHA-256");
        check(&json!({"mediaType": IMAGES[0], "layers": []}), "config");
        check(&json!({"mediaType": INDEXES[0], "manifests": [{"size": -1}]}), "no size");
    }
}
