//! A layout with one image of a larger one, so that a scanner can look at nothing else.
//!
//! A scanner that is handed an index chooses one of its images by itself, and does not always say which.

use std::{fs, io, path::Path};

use serde_json::{Value, json};
use towpath_core::{identifier::Digest, ports::ImageLayout};

/// What a manifest is that does not say it.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Makes the layout in a new folder. Objects are linked where the file system can, and copied where it cannot.
pub(super) fn of_one(layout: &ImageLayout, folder: &Path) -> io::Result<()> {
    let objects = folder.join("blobs").join("sha256");
    fs::create_dir_all(&objects)?;
    let from = layout.folder.join("blobs").join("sha256");
    let manifest = fs::read(from.join(name(&layout.digest)))?;
    for digest in needed(&layout.digest, &manifest)? {
        let (from, to) = (from.join(name(&digest)), objects.join(name(&digest)));
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
    }
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    fs::write(folder.join("index.json"), index(&layout.digest, &manifest)?.to_string())
}

fn name(digest: &Digest) -> &str {
    digest.as_str().trim_start_matches("sha256:")
}

/// The image's manifest, its configuration and its layers, each once.
fn needed(image: &Digest, manifest: &[u8]) -> io::Result<Vec<Digest>> {
    let manifest: Value = serde_json::from_slice(manifest)?;
    let layers = manifest["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut all = vec![image.clone()];
    for entry in layers.iter().chain([&manifest["config"]]) {
        let digest = entry["digest"].as_str().unwrap_or_default();
        let digest = digest.parse().map_err(|_| io::Error::other("the manifest names no digest"))?;
        if !all.contains(&digest) {
            all.push(digest);
        }
    }
    Ok(all)
}

fn index(image: &Digest, manifest: &[u8]) -> io::Result<Value> {
    let read: Value = serde_json::from_slice(manifest)?;
    let media_type = read["mediaType"].as_str().unwrap_or(MANIFEST);
    Ok(json!({
        "schemaVersion": 2,
        "manifests": [{ "mediaType": media_type, "digest": image, "size": manifest.len() }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes an object into a layout.
    fn object(folder: &Path, bytes: &[u8]) -> Digest {
        let objects = folder.join("blobs").join("sha256");
        fs::create_dir_all(&objects).unwrap();
        let digest = Digest::of(bytes);
        fs::write(objects.join(name(&digest)), bytes).unwrap();
        digest
    }

    #[test]
    fn one_image_of_several_stands_alone() {
        let place = tempfile::tempdir().unwrap();
        let all = place.path().join("all");
        let image = |layer: &[u8]| {
            let (layer, config) = (object(&all, layer), object(&all, b"{}"));
            let manifest =
                json!({ "config": { "digest": config }, "layers": [{ "digest": layer }, { "digest": layer }] });
            object(&all, manifest.to_string().as_bytes())
        };
        let (first, _second) = (image(b"first"), image(b"second"));
        let one = place.path().join("one");
        of_one(&ImageLayout { folder: all, digest: first.clone() }, &one).unwrap();
        let index: Value = serde_json::from_slice(&fs::read(one.join("index.json")).unwrap()).unwrap();
        assert_eq!(
            (index["manifests"].as_array().unwrap().len(), &index["manifests"][0]["digest"]),
            (1, &json!(first))
        );
        let there = fs::read_dir(one.join("blobs/sha256")).unwrap().count();
        assert_eq!(there, 3, "manifest, configuration, layer");
    }
}
