//! Image layouts on this machine, made here: any image that a test needs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use towpath_core::{identifier::Digest, ports::ImageLayout};

pub(crate) const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layout that is gone with its handle.
pub(crate) struct Made {
    folder: TempDir,
    listed: Vec<Value>,
}

impl Made {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        fs::write(folder.path().join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
        Self { folder, listed: Vec::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a part is kept.
    pub(crate) fn place(&self, digest: &Digest) -> PathBuf {
        self.folder().join("blobs").join(digest.as_str().replacen(':', "/", 1))
    }

    /// A layer or configuration, as a manifest names it.
    pub(crate) fn blob(&self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        fs::write(self.place(&digest), bytes).unwrap();
        json!({"mediaType": media_type, "digest": digest.as_str(), "size": bytes.len()})
    }

    /// A manifest, as an index names it.
    pub(crate) fn manifest(&self, manifest: &Value) -> Value {
        let media_type = manifest["mediaType"].as_str().unwrap().to_owned();
        self.blob(&media_type, manifest.to_string().as_bytes())
    }

    /// An image with this word in its configuration and its one layer.
    pub(crate) fn image(&self, word: &str) -> Value {
        let configuration = json!({"architecture": "amd64", "os": "linux", "word": word}).to_string();
        let configuration = self.blob(CONFIGURATION, configuration.as_bytes());
        let layers = [self.blob(LAYER, word.as_bytes())];
        self.manifest(&json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": layers}))
    }

    /// An attestation, as builders put it beside an image.
    pub(crate) fn attestation(&self, word: &str) -> Value {
        let configuration = self.blob(CONFIGURATION, format!(r#"{{"attestation": "{word}"}}"#).as_bytes());
        let statement = self.blob("application/vnd.in-toto+json", format!(r#"{{"said": "{word}"}}"#).as_bytes());
        let mut entry = self
            .manifest(&json!({"schemaVersion": 2, "mediaType": IMAGE, "config": configuration, "layers": [statement]}));
        entry["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        entry
    }

    /// An index of these.
    pub(crate) fn index(&self, manifests: &[Value]) -> Value {
        self.manifest(&json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}))
    }

    /// An image for two platforms, with an attestation.
    pub(crate) fn two_platforms(&self, word: &str) -> Value {
        let entries = ["amd64", "arm64"].map(|architecture| {
            let mut entry = self.image(&format!("{word} for {architecture}"));
            entry["platform"] = json!({"os": "linux", "architecture": architecture});
            entry
        });
        self.index(&[entries[0].clone(), entries[1].clone(), self.attestation(word)])
    }

    /// A signature of that manifest.
    pub(crate) fn signature(&self, subject: &Value) -> Value {
        let configuration = self.blob("application/vnd.oci.empty.v1+json", b"{}");
        let layer = self.blob("application/vnd.example.signature", b"signed");
        let manifest = json!({"schemaVersion": 2, "mediaType": IMAGE, "artifactType": "application/vnd.example.signature",
            "config": configuration, "layers": [layer], "subject": subject});
        self.manifest(&manifest)
    }

    /// The layout with these in its own list, of which the first is meant.
    pub(crate) fn listing(&mut self, manifests: &[Value]) -> ImageLayout {
        self.listed = manifests.to_vec();
        let index = json!({"schemaVersion": 2, "manifests": self.listed});
        fs::write(self.folder().join("index.json"), index.to_string()).unwrap();
        ImageLayout { folder: self.folder().to_owned(), digest: digest(&manifests[0]) }
    }
}

/// The digest that an entry names.
pub(crate) fn digest(entry: &Value) -> Digest {
    entry["digest"].as_str().unwrap().parse().unwrap()
}
