//! [`FakeBuilder`]: a builder that builds what a test says, into no folder at all.

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use crate::{
    build::{Content, ContentError, Descriptor, Kind, Tool},
    identifier::{ComponentName, Digest},
    ports::{BuildError, BuildOutput, BuildRequest, Builder, BuiltImage, ImageLayout},
    release::Attestation,
};

use super::{FakeImages, mishap::locked};

/// A builder. What it builds can be uploaded to the registries that it was made with.
#[derive(Debug)]
pub struct FakeBuilder {
    images: Arc<FakeImages>,
    prepared: Mutex<BTreeMap<ComponentName, Prepared>>,
    failures: Mutex<VecDeque<BuildError>>,
    built: Mutex<Vec<ComponentName>>,
}

#[derive(Debug, Clone)]
struct Prepared {
    bytes: Vec<u8>,
    attestations: Vec<Attestation>,
}

impl FakeBuilder {
    /// A builder beside these registries.
    pub fn new(images: &Arc<FakeImages>) -> Self {
        let (prepared, failures, built) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { images: Arc::clone(images), prepared, failures, built }
    }

    /// From now on a component's image is the digest of these bytes.
    pub fn prepare(&self, component: &ComponentName, bytes: &[u8], attestations: Vec<Attestation>) {
        locked(&self.prepared).insert(component.clone(), Prepared { bytes: bytes.to_vec(), attestations });
    }

    /// The next build fails so.
    pub fn fail(&self, error: BuildError) {
        locked(&self.failures).push_back(error);
    }

    /// What was built so far, in order.
    pub fn built(&self) -> Vec<ComponentName> {
        locked(&self.built).clone()
    }
}

#[async_trait]
impl Builder for FakeBuilder {
    fn tool(&self) -> Tool {
        Tool::Buildah
    }

    fn preview(&self, request: &BuildRequest) -> Result<Vec<String>, BuildError> {
        Ok(vec![format!("build {}", request.component)])
    }

    async fn build(&self, request: &BuildRequest, output: &dyn BuildOutput) -> Result<BuiltImage, BuildError> {
        let component = request.component.clone();
        output.line(&component, "building");
        if let Some(failure) = locked(&self.failures).pop_front() {
            return Err(failure);
        }
        let nothing = || BuildError::Content { component: component.clone(), source: ContentError::Nothing };
        let Prepared { bytes, attestations } = locked(&self.prepared).get(&component).cloned().ok_or_else(nothing)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let root = Descriptor { kind: Kind::Manifest, digest: Digest::of(&bytes), size };
        let folder = PathBuf::from(format!("built/{component}"));
        let children: Vec<Digest> = attestations.iter().map(|attestation| attestation.manifest.clone()).collect();
        self.images.lay_out(&ImageLayout { folder: folder.clone(), digest: root.digest.clone() }, &children);
        locked(&self.built).push(component);
        let content = Content {
            root: root.clone(),
            platforms: request.platforms.clone(),
            images: vec![root.digest.clone()],
            attestations,
            objects: vec![root],
        };
        Ok(BuiltImage { folder, content })
    }
}
