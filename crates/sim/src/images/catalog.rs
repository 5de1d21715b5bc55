//! Pulling an image: the digest behind a reference, and its behaviour.
//!
//! Anybody may pull from anywhere: there are no repository policies and no network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reference::{self, EcrReference};
use crate::{
    api::sha256,
    ecr::{Ecr, Manifest},
    image::{Behaviour, ImageCatalog, PulledImage},
    world::Place,
};

/// What images do, by digest and by reference.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Behaviours {
    by_digest: BTreeMap<String, Behaviour>,
    by_reference: BTreeMap<String, Behaviour>,
}

impl Behaviours {
    /// Says what the image with `digest` does.
    pub(crate) fn set_digest(&mut self, digest: &str, behaviour: Behaviour) {
        self.by_digest.insert(digest.to_owned(), behaviour);
    }

    /// Says what the image that `reference` names, outside ECR, does.
    pub(crate) fn set_reference(&mut self, reference: &str, behaviour: Behaviour) {
        self.by_reference.insert(reference.to_owned(), behaviour);
    }
}

/// Every registry, and what the images in them do.
pub(crate) struct Catalog<'a> {
    pub(crate) registries: &'a BTreeMap<Place, Ecr>,
    pub(crate) behaviours: &'a Behaviours,
}

impl ImageCatalog for Catalog<'_> {
    fn pull(&self, _account: &str, _region: &str, reference: &str) -> Result<PulledImage, String> {
        match reference::ecr(reference) {
            Some(ecr) => self.pull_from_ecr(&ecr).ok_or_else(|| {
                format!("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: {reference}: not found")
            }),
            None => Ok(self.pull_from_elsewhere(reference)),
        }
    }
}

impl Catalog<'_> {
    fn pull_from_ecr(&self, reference: &EcrReference<'_>) -> Option<PulledImage> {
        let registry = self
            .registries
            .get(&Place::new(reference.account, reference.region))?;
        let (digest, image) = registry.find(reference.repository, &reference.id)?;
        let known = |digest: &str| self.behaviours.by_digest.get(digest).cloned();
        let of_child = || {
            Manifest::read(&image.manifest)
                .ok()?
                .children()
                .find_map(known)
        };
        let behaviour = known(digest).or_else(of_child).unwrap_or_default();
        Some(PulledImage {
            digest: digest.to_owned(),
            behaviour,
        })
    }

    fn pull_from_elsewhere(&self, reference: &str) -> PulledImage {
        let digest =
            reference::pinned_digest(reference).map_or_else(|| sha256(reference), str::to_owned);
        let by_digest = self.behaviours.by_digest.get(&digest);
        let behaviour = self
            .behaviours
            .by_reference
            .get(reference)
            .or(by_digest)
            .cloned()
            .unwrap_or_default();
        PulledImage { digest, behaviour }
    }
}
