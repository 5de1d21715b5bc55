//! An OCI image layout of two platforms, with as many layers and bytes as are asked for.
//!
//! The layers are gzip files of noise, so that nobody can make them smaller; nothing in them can run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use towpath_core::identifier::Digest;

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// How large the image is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// The bytes of each layer of each platform.
    pub(crate) layers: &'static [usize],
}

/// A layout that was made.
#[derive(Debug)]
pub(crate) struct Layout {
    folder: PathBuf,
    digest: Digest,
    /// The bytes of all layers.
    bytes: u64,
}

impl Layout {
    /// Makes a layout in `folder`, which is emptied.
    pub(crate) fn make(folder: &Path, shape: Shape) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("blobs/sha256")).with_context(|| folder.display().to_string())?;
        fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
        let mut bytes = 0;
        let mut platforms = Vec::new();
        for (number, architecture) in ["amd64", "arm64"].into_iter().enumerate() {
            let mut image = image(folder, shape, architecture, number, &mut bytes)?;
            image["platform"] = json!({"os": "linux", "architecture": architecture});
            platforms.push(image);
        }
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": platforms});
        let index = keep(folder, INDEX, index.to_string().as_bytes())?;
        let digest = index["digest"].as_str().unwrap_or_default().parse()?;
        fs::write(folder.join("index.json"), json!({"schemaVersion": 2, "manifests": [index]}).to_string())?;
        Ok(Self { folder: folder.to_owned(), digest, bytes })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The index of both platforms.
    pub(crate) fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn image(folder: &Path, shape: Shape, architecture: &str, number: usize, bytes: &mut u64) -> Result<Value> {
    let (mut layers, mut files) = (Vec::new(), Vec::new());
    for (place, size) in shape.layers.iter().enumerate() {
        let noise = noise((number * shape.layers.len() + place) as u64 + 1, *size);
        files.push(Digest::of(&noise).to_string());
        let packed = packed(&folder.join("noise"), &noise)?;
        *bytes += packed.len() as u64;
        layers.push(keep(folder, LAYER, &packed)?);
    }
    let root = json!({"type": "layers", "diff_ids": files});
    let configuration = json!({"architecture": architecture, "os": "linux", "config": {}, "rootfs": root});
    let configuration = keep(folder, CONFIGURATION, configuration.to_string().as_bytes())?;
    let manifest = json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": layers});
    keep(folder, IMAGE, manifest.to_string().as_bytes())
}

/// Keeps these bytes, and answers how a manifest names them.
fn keep(folder: &Path, media_type: &str, bytes: &[u8]) -> Result<Value> {
    let digest = Digest::of(bytes);
    fs::write(folder.join("blobs").join(digest.as_str().replacen(':', "/", 1)), bytes)?;
    Ok(json!({"mediaType": media_type, "digest": digest.as_str(), "size": bytes.len()}))
}

/// Bytes that are the same each time and that no program can make fewer.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut noise = Vec::with_capacity(size + 8);
    while noise.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend_from_slice(&state.to_le_bytes());
    }
    noise.truncate(size);
    noise
}

fn packed(file: &Path, bytes: &[u8]) -> Result<Vec<u8>> {
    fs::write(file, bytes)?;
    let output = Command::new("gzip").args(["-1", "-n", "-c"]).arg(file).stderr(Stdio::inherit()).output();
    let output = output.context("gzip could not be started")?;
    fs::remove_file(file)?;
    ensure!(output.status.success(), "gzip ended with {}", output.status);
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_names_all_that_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::make(&folder.path().join("layout"), Shape { layers: &[1_000, 10] }).unwrap();
        let place = |digest: &str| layout.folder().join("blobs").join(digest.replacen(':', "/", 1));
        let index: Value = serde_json::from_slice(&fs::read(place(layout.digest().as_str())).unwrap()).unwrap();
        assert_eq!(index["manifests"].as_array().unwrap().len(), 2);
        // Two platforms with two layers, a configuration and a manifest each, and the index.
        assert_eq!(fs::read_dir(layout.folder().join("blobs/sha256")).unwrap().count(), 9);
        assert!(layout.bytes() > 2_000, "{}", layout.bytes());
    }
}
