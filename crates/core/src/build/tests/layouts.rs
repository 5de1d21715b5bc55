//! Layouts as builders leave them, and as they must not be.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    build::{Content, ContentError, read_layout},
    identifier::Digest,
    ports::Platform,
};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A layout in memory.
#[derive(Default)]
struct Layout {
    objects: BTreeMap<Digest, Vec<u8>>,
    entries: Vec<Value>,
}

impl Layout {
    fn add(&mut self, media_type: &str, value: &Value) -> Value {
        let bytes = serde_json::to_vec(value).unwrap();
        let digest = Digest::of(&bytes);
        let entry = json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() });
        self.objects.insert(digest, bytes);
        entry
    }

    fn image(&mut self, architecture: &str, layers: usize) -> Value {
        let configuration = self
            .add("application/vnd.oci.image.config.v1+json", &json!({ "os": "linux", "architecture": architecture }));
        let layers: Vec<Value> = (0..layers).map(|number| self.add("layer", &json!([architecture, number]))).collect();
        let mut manifest = self.add(MANIFEST, &json!({ "config": configuration, "layers": layers }));
        manifest["platform"] = json!({ "os": "linux", "architecture": architecture });
        manifest
    }

    /// As `BuildKit` writes it.
    fn attestation(&mut self, subject: &Value, predicate: &str) -> Value {
        let configuration = self
            .add("application/vnd.oci.image.config.v1+json", &json!({ "os": "unknown", "architecture": "unknown" }));
        let mut statement = self
            .add("application/vnd.in-toto+json", &json!({ "about": subject["digest"], "predicateType": predicate }));
        statement["annotations"] = json!({ "in-toto.io/predicate-type": predicate });
        let mut manifest = self.add(MANIFEST, &json!({ "config": configuration, "layers": [statement] }));
        manifest["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
        manifest["annotations"] = json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": subject["digest"] });
        manifest
    }

    fn index(&mut self, manifests: &[Value]) -> Value {
        self.add(INDEX, &json!({ "schemaVersion": 2, "manifests": manifests }))
    }

    fn of(root: impl FnOnce(&mut Self) -> Value) -> Self {
        let mut layout = Self::default();
        let root = root(&mut layout);
        layout.entries.push(root);
        layout
    }

    fn read(&self, wanted: &[&str]) -> Result<Content, ContentError> {
        let index = serde_json::to_vec(&json!({ "schemaVersion": 2, "manifests": self.entries })).unwrap();
        let wanted: Vec<Platform> = wanted.iter().map(|platform| platform.parse().unwrap()).collect();
        read_layout(&index, &wanted, |digest| self.objects.get(digest).cloned())
    }
}

fn check(layout: &Layout, wanted: &[&str], expected: &str) {
    let said = match layout.read(wanted) {
        Ok(content) => content.platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Err(error) => error.to_string(),
    };
    assert!(said.contains(expected), "`{expected}` is not in `{said}`");
}

#[test]
fn a_single_image_is_named_by_its_manifest() {
    let layout = Layout::of(|layout| layout.image("amd64", 2));
    let content = layout.read(&["linux/amd64"]).unwrap();
    assert_eq!(content.root.digest.as_str(), layout.entries[0]["digest"]);
    assert_eq!(content.objects.len(), 4, "configuration, two layers, manifest");
    assert_eq!(content.objects.last(), Some(&content.root));
}

#[test]
fn an_index_of_two_platforms_is_whole() {
    let layout = Layout::of(|layout| {
        let images = [layout.image("amd64", 1), layout.image("arm64", 1)];
        layout.index(&images)
    });
    check(&layout, &["linux/arm64/v8", "linux/amd64"], "linux/amd64 linux/arm64");
    check(&layout, &[], "linux/amd64 linux/arm64");
    check(&layout, &["linux/amd64"], "the image is for linux/amd64 and linux/arm64, and was to be for linux/amd64");
    let content = layout.read(&[]).unwrap();
    assert_eq!(content.images.len(), 2, "one for each platform");
    assert!(!content.images.contains(&content.root.digest), "and the index is none of them");
}

#[test]
fn attestations_are_told_from_images() {
    let layout = Layout::of(|layout| {
        let image = layout.image("amd64", 1);
        let provenance = layout.attestation(&image, "https://slsa.dev/provenance/v1");
        layout.index(&[image, provenance])
    });
    let content = layout.read(&["linux/amd64"]).unwrap();
    assert_eq!(content.platforms.len(), 1);
    let [attestation] = content.attestations.as_slice() else {
        panic!("{:?}", content.attestations);
    };
    assert_eq!(attestation.predicate.as_str(), "https://slsa.dev/provenance/v1");
    let index: Value = serde_json::from_slice(&layout.objects[&content.root.digest]).unwrap();
    assert_eq!(index["manifests"][0]["digest"], attestation.subject.as_str());
    assert_eq!(index["manifests"][1]["digest"], attestation.manifest.as_str());
}

#[test]
fn attestations_alone_are_no_image() {
    let layout = Layout::of(|layout| {
        let image = layout.image("amd64", 1);
        let provenance = layout.attestation(&image, "https://slsa.dev/provenance/v1");
        layout.index(&[provenance])
    });
    check(&layout, &[], "attestations only");
}

#[test]
fn what_cannot_run_is_refused() {
    check(&Layout::default(), &[], "the builder left no image");
    check(&Layout::of(|layout| layout.index(&[])), &[], "the builder left no image");
    check(&Layout::of(|layout| layout.image("amd64", 0)), &[], "the image for linux/amd64 is empty");
    check(
        &Layout::of(|layout| layout.image("arm64", 1)),
        &["linux/amd64"],
        "for linux/arm64, and was to be for linux/amd64",
    );
    let mut two = Layout::of(|layout| layout.image("amd64", 1));
    let other = two.image("arm64", 1);
    two.entries.push(other);
    check(&two, &[], "2 images in place of one");
}

#[test]
fn what_is_not_what_its_digest_says_is_refused() {
    let damaged = |damage: &dyn Fn(&mut Layout)| {
        let mut layout = Layout::of(|layout| layout.image("amd64", 1));
        damage(&mut layout);
        layout
    };
    let root = |layout: &Layout| layout.entries[0]["digest"].as_str().unwrap().parse::<Digest>().unwrap();
    check(&damaged(&|layout| drop(layout.objects.remove(&root(layout)))), &[], "is named and not there");
    check(&damaged(&|layout| layout.objects.entry(root(layout)).or_default().push(b' ')), &[], "and what is there is");
    check(&damaged(&|layout| layout.entries[0]["size"] = json!(1)), &[], "should have 1 bytes");
    check(&damaged(&|layout| layout.entries[0]["digest"] = json!("sha1:0")), &[], "index.json cannot be understood");
}

#[test]
fn indexes_in_one_another_come_to_an_end() {
    let layout = Layout::of(|layout| (0..9).fold(layout.image("amd64", 1), |inner, _| layout.index(&[inner])));
    check(&layout, &[], "too many indexes");
}

#[test]
fn no_index_makes_it_panic() {
    for bytes in ["", "null", "[]", "{}", r#"{"manifests":[{}]}"#, r#"{"manifests":[{"digest":1,"size":-1}]}"#] {
        assert!(read_layout(bytes.as_bytes(), &[], |_| None).is_err(), "{bytes}");
    }
}
