//! Images that a scenario only names: a manifest, a configuration and a layer, all of them small and all of them real.
//!
//! They are the same for the same repository, version and commit, wherever they are pushed. Nothing in them runs.

use serde_json::json;

use super::layer::Layer;
use crate::api::sha256;

/// A made-up image.
#[derive(Debug)]
pub(crate) struct MadeUp {
    pub(crate) manifest: String,
    /// The configuration and the layer, by digest.
    pub(super) layers: Vec<(String, Layer)>,
}

/// The image of a repository, a version and a commit.
pub(crate) fn image(repository: &str, version: &str, commit: &str) -> MadeUp {
    let text = format!("a made-up image of {repository}, version {version}, commit {commit}\n");
    let archive = sha256(archive(&text));
    let configuration = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": {
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.revision": commit,
        }},
        "rootfs": {"type": "layers", "diff_ids": [archive]},
        "history": [{"created_by": "the simulator"}],
    });
    let layers = [Layer::text(configuration.to_string()), Layer::archive(text)];
    let [configuration, layer] = layers.map(|layer| (sha256(layer.bytes().unwrap_or_default()), layer));
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": configuration.0,
            "size": configuration.1.size,
        },
        "layers": [{
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": layer.0,
            "size": layer.1.size,
        }],
    });
    MadeUp { manifest: manifest.to_string(), layers: vec![configuration, layer] }
}

/// A block of an archive.
const BLOCK: usize = 512;

/// A tar archive with one file, `simulated`, that holds `text`.
pub(super) fn archive(text: &str) -> Vec<u8> {
    let mut header = [0_u8; BLOCK];
    let mut put = |at: usize, field: &[u8]| header[at..at + field.len()].copy_from_slice(field);
    put(0, b"simulated");
    put(100, b"0000444\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", text.len()).as_bytes());
    put(136, b"00000000000\0");
    // While the sum is made, its own field is blank.
    put(148, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend(text.as_bytes());
    // The last block is filled up, and two empty ones end an archive.
    archive.resize(archive.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
    archive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_image_is_stable_and_distinct() {
        let one = image("shop-api", "1.0.0", "c0ffee").manifest;
        assert_eq!(one, image("shop-api", "1.0.0", "c0ffee").manifest);
        assert_ne!(one, image("shop-api", "1.0.1", "c0ffee").manifest);
    }

    #[test]
    fn the_layers_are_those_that_the_manifest_names() {
        let made = image("shop-api", "1.0.0", "c0ffee");
        for (digest, layer) in &made.layers {
            assert_eq!(*digest, sha256(layer.bytes().unwrap()));
            assert!(made.manifest.contains(digest));
        }
        let configuration = made.layers[0].1.configuration.clone().unwrap();
        assert_eq!((configuration.platform.as_str(), configuration.version.as_deref()), ("linux/amd64", Some("1.0.0")));
    }

    #[test]
    fn an_archive_is_made_of_whole_blocks() {
        assert_eq!(archive("").len(), 3 * BLOCK);
        assert_eq!(archive("x").len(), 4 * BLOCK);
        assert_eq!(&archive("x")[BLOCK..=BLOCK], b"x");
    }
}
