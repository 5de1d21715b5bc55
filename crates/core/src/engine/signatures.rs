//! What is known of the signatures of a release's images: what was handed in, and what registries hold beside them, each
//! verified.
//!
//! Nothing is judged here, and what cannot be told is an answer with its reason.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    config::Environment,
    identifier::{ComponentName, Digest, ImageReference, Repository},
    ledger::HandedIn,
    ports::{Trust, TrustedKey, VerifyError},
    release::Release,
    signature::{Bundle, Evidence, Found, Rules, Signature},
};

use super::{call, world::World};

/// Looks up the signatures of a release for an environment; nothing where the environment demands none.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "a world is ports without Debug")]
pub struct SignatureSearch<'a> {
    /// The ports.
    pub world: &'a World,
    /// The environment.
    pub environment: &'a Environment,
    /// How long any one call may take before it is given up.
    pub call_deadline: Duration,
}

impl SignatureSearch<'_> {
    /// What is known of each component's image.
    pub async fn of(&self, release: &Release) -> BTreeMap<ComponentName, Vec<Evidence>> {
        let mut signatures = BTreeMap::new();
        let Some(rules) = &self.environment.signed else {
            return signatures;
        };
        let trust = self.trust(rules).await;
        for (component, service) in &self.environment.services {
            let Some(image) = release.image(component) else { continue };
            let evidence = match &trust {
                Ok(trust) => self.of_image(image, service.repository.as_ref(), trust).await,
                Err(why) => vec![Evidence::Unknown { why: why.clone() }],
            };
            signatures.insert(component.clone(), evidence);
        }
        signatures
    }

    /// What the configuration names, read; why that cannot be read.
    async fn trust(&self, rules: &Rules) -> Result<Trust, String> {
        let read = |file: &str| {
            let file = file.to_owned();
            async move { self.world.documents.read(&file).await.map_err(|error| error.to_string()) }
        };
        let roots = match &rules.trusted_root {
            Some(file) => Some(read(file).await?),
            None => None,
        };
        let mut keys = Vec::new();
        for (file, log) in rules.keys() {
            keys.push(TrustedKey { file: file.to_owned(), pem: read(file).await?, log });
        }
        Ok(Trust { roots, keys })
    }

    /// All that is known of the image; its bytes may be in another repository too.
    async fn of_image(&self, image: &ImageReference, other: Option<&Repository>, trust: &Trust) -> Vec<Evidence> {
        let mut evidence = self.handed_in(image.digest(), trust).await;
        evidence.extend(self.beside(image, trust).await);
        if let Some(other) = other.filter(|other| *other != image.repository()) {
            let there = ImageReference::new(other.clone(), image.digest().clone());
            evidence.extend(self.beside(&there, trust).await);
        }
        evidence
    }

    async fn handed_in(&self, image: &Digest, trust: &Trust) -> Vec<Evidence> {
        let kept = match HandedIn::new(&*self.world.store).of(image).await {
            Ok(kept) => kept,
            Err(error) => return vec![Evidence::Unknown { why: chain(&error) }],
        };
        if kept.is_empty() {
            return vec![Evidence::Nothing { place: "among what was handed in".to_owned() }];
        }
        let verified = kept.into_iter().map(|kept| match Bundle::read(kept.bundle) {
            Ok(bundle) => {
                let found = Found::HandedIn { bundle: bundle.hash() };
                self.verified(found, &bundle.to_json(), image, trust)
            }
            Err(why) => Evidence::Unknown { why: format!("a signature that was handed in is damaged: {why}") },
        });
        verified.collect()
    }

    async fn beside(&self, image: &ImageReference, trust: &Trust) -> Vec<Evidence> {
        let nothing = || vec![Evidence::Nothing { place: format!("beside {image}") }];
        let asked = self.world.bundles.bundles(image);
        match call::read(&*self.world.clock, self.call_deadline, "ecr:ListImageReferrers", asked).await {
            Ok(found) if found.is_empty() => nothing(),
            Ok(found) => found
                .into_iter()
                .map(|one| match one.bundle {
                    Ok(bytes) => self.verified(one.found, &bytes, image.digest(), trust),
                    Err(why) => Evidence::Unverified { found: one.found, why },
                })
                .collect(),
            Err(error) if error.is_not_found() => nothing(),
            Err(error) => {
                vec![Evidence::Unknown { why: format!("what is beside {image} could not be asked: {error}") }]
            }
        }
    }

    fn verified(&self, found: Found, bundle: &[u8], image: &Digest, trust: &Trust) -> Evidence {
        match self.world.verifier.verify(bundle, image, trust) {
            Ok(verified) => {
                let (by, statement, at, logged) = (verified.by, verified.statement, verified.at, verified.logged);
                Evidence::Verified { signature: Box::new(Signature { by, statement, at, logged, found }) }
            }
            Err(error @ VerifyError::Trust { .. }) => Evidence::Unknown { why: error.to_string() },
            Err(VerifyError::Refused(why)) => Evidence::Unverified { found, why },
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
