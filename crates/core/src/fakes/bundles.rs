//! [`FakeBundles`]: what is beside images, put there; and [`FakeVerifier`], which believes what it was told to.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;

use crate::{
    identifier::{Digest, ImageReference},
    ports::{Bundles, CallError, FoundBundle, Trust, Verified, Verifier, VerifyError},
};

use super::mishap::{Mishap, Mishaps, locked};

/// Bundles by image, in its repository.
#[derive(Debug, Default)]
pub struct FakeBundles {
    found: Mutex<BTreeMap<String, Vec<FoundBundle>>>,
    mishaps: Mishaps,
}

impl FakeBundles {
    /// Nothing anywhere.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts one more beside that image.
    pub fn put(&self, image: &ImageReference, bundle: FoundBundle) {
        locked(&self.found).entry(image.to_string()).or_default().push(bundle);
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }
}

#[async_trait]
impl Bundles for FakeBundles {
    async fn bundles(&self, image: &ImageReference) -> Result<Vec<FoundBundle>, CallError> {
        let answer = || Ok(locked(&self.found).get(&image.to_string()).cloned().unwrap_or_default());
        self.mishaps.read("ecr:ListImageReferrers", answer).await
    }
}

/// Verdicts by the bytes of a bundle and the digest; of anything else it says that it is no signature.
#[derive(Debug, Default)]
pub struct FakeVerifier {
    verdicts: Mutex<BTreeMap<(Vec<u8>, Digest), Verified>>,
}

impl FakeVerifier {
    /// Believes nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes these bytes for that signature of the image.
    pub fn believe(&self, bundle: &[u8], image: &Digest, verified: Verified) {
        locked(&self.verdicts).insert((bundle.to_vec(), image.clone()), verified);
    }
}

impl Verifier for FakeVerifier {
    fn verify(&self, bundle: &[u8], image: &Digest, _: &Trust) -> Result<Verified, VerifyError> {
        let verdict = locked(&self.verdicts).get(&(bundle.to_vec(), image.clone())).cloned();
        verdict.ok_or_else(|| VerifyError::Refused("it is no signature of this image".to_owned()))
    }
}
