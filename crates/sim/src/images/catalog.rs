//! Pulling an image: the digest behind a reference, and its behaviour.
//!
//! Repository policies are obeyed; there is no network, and no layer is fetched.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    conduct::Conduct,
    fate::Unpullable,
    reference::{self, EcrReference},
};
use crate::{
    api::sha256,
    ecr::{Ecr, Image, ImageId, Manifest},
    image::{Behaviour, ImageCatalog, PulledImage},
    world::Place,
};

/// What images do, by digest and by reference.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Behaviours {
    by_digest: BTreeMap<String, Behaviour>,
    by_reference: BTreeMap<String, Behaviour>,
    /// What images show of themselves, by digest.
    #[serde(default)]
    conducts: BTreeMap<String, Conduct>,
}

impl Behaviours {
    /// Says what the image with `digest` does and shows.
    pub(crate) fn set_digest(&mut self, digest: &str, behaviour: Behaviour, conduct: Conduct) {
        self.by_digest.insert(digest.to_owned(), behaviour);
        self.conducts.insert(digest.to_owned(), conduct);
    }

    /// Says what the image that `reference` names, outside ECR, does and shows.
    ///
    /// It does so under its digest too: later tasks of a revision pull by the digest that the first one found.
    pub(crate) fn set_reference(&mut self, reference: &str, behaviour: Behaviour, conduct: Conduct) {
        self.set_digest(&digest_elsewhere(reference), behaviour.clone(), conduct);
        self.by_reference.insert(reference.to_owned(), behaviour);
    }
}

/// Every registry, and what the images in them do.
pub(crate) struct Catalog<'a> {
    pub(crate) registries: &'a BTreeMap<Place, Ecr>,
    pub(crate) behaviours: &'a Behaviours,
}

impl ImageCatalog for Catalog<'_> {
    fn pull(&self, account: &str, _region: &str, reference: &str) -> Result<PulledImage, String> {
        let pulled = match reference::ecr(reference) {
            Some(ecr) => self.pull_from_ecr(&ecr, account).map_err(|why| why.reason(reference)),
            None => Ok(self.pull_from_elsewhere(reference)),
        }?;
        match self.conduct(reference, &pulled.digest).unpullable {
            Some(why) => Err(why.reason(reference)),
            None => Ok(pulled),
        }
    }
}

impl Catalog<'_> {
    fn pull_from_ecr(&self, reference: &EcrReference<'_>, account: &str) -> Result<PulledImage, Unpullable> {
        let registry = self.registries.get(&Place::new(reference.account, reference.region));
        let registry = registry.ok_or(Unpullable::NotFound)?;
        if !registry.lets_pull(reference.repository, account) {
            return Err(Unpullable::Forbidden);
        }
        let found = registry.find(reference.repository, &reference.id);
        let (digest, image) = found.ok_or(Unpullable::NotFound)?;
        if !has_linux(image) {
            return Err(Unpullable::WrongPlatform);
        }
        let known = |digest: &str| self.behaviours.by_digest.get(digest).cloned();
        let of_child = || Manifest::read(&image.manifest).ok()?.children().find_map(known);
        let told = || told(registry, reference.repository, image);
        let behaviour = known(digest).or_else(of_child).unwrap_or_else(told);
        Ok(PulledImage { digest: digest.to_owned(), behaviour })
    }

    /// What the image that was pulled from `reference` shows of itself.
    pub(crate) fn conduct(&self, reference: &str, digest: &str) -> Conduct {
        let known = |digest: &str| self.behaviours.conducts.get(digest).cloned();
        let of_child = || {
            let ecr = reference::ecr(reference)?;
            let registry = self.registries.get(&Place::new(ecr.account, ecr.region))?;
            let (_, image) = registry.find(ecr.repository, &ImageId { digest: Some(digest.to_owned()), tag: None })?;
            Manifest::read(&image.manifest).ok()?.children().find_map(known)
        };
        known(digest).or_else(of_child).unwrap_or_default()
    }

    fn pull_from_elsewhere(&self, reference: &str) -> PulledImage {
        let digest = digest_elsewhere(reference);
        let by_digest = self.behaviours.by_digest.get(&digest);
        let behaviour = self.behaviours.by_reference.get(reference).or(by_digest).cloned().unwrap_or_default();
        PulledImage { digest, behaviour }
    }
}

/// The digest of an image outside ECR: the one that it is pinned to, or one that depends on the reference alone.
fn digest_elsewhere(reference: &str) -> String {
    reference::pinned_digest(reference).map_or_else(|| sha256(reference), str::to_owned)
}

/// Whether an index has anything that could run: one with attestations alone has not. A single image always has.
fn has_linux(image: &Image) -> bool {
    let Ok(manifest) = Manifest::read(&image.manifest) else { return true };
    let mut platforms = manifest.platforms().peekable();
    platforms.peek().is_none() || platforms.any(|platform| platform.starts_with("linux/"))
}

/// The behaviour of an image that nobody described: the usual one, with the version and the commit that it tells itself.
fn told(registry: &Ecr, repository: &str, image: &Image) -> Behaviour {
    let images = Manifest::read(&image.manifest).ok().into_iter().flat_map(|manifest| {
        let children = manifest.children().map(|digest| ImageId { digest: Some(digest.to_owned()), tag: None });
        children.collect::<Vec<_>>()
    });
    let children = images.filter_map(|id| registry.find(repository, &id)).map(|(_, child)| child);
    let mut behaviour = Behaviour::default();
    for image in [image].into_iter().chain(children) {
        let manifest = Manifest::read(&image.manifest).ok();
        let annotation = |name: &str| manifest.as_ref()?.annotation(name).map(str::to_owned);
        let labels = registry.configuration(repository, image);
        let version = annotation(VERSION).or_else(|| labels?.version.clone());
        let commit = annotation(REVISION).or_else(|| labels?.revision.clone());
        fill(&mut behaviour.version, version);
        fill(&mut behaviour.commit, commit);
    }
    behaviour
}

const VERSION: &str = "org.opencontainers.image.version";
const REVISION: &str = "org.opencontainers.image.revision";

fn fill(text: &mut String, other: Option<String>) {
    if text.is_empty() {
        *text = other.unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::ecr::{Door, Push};

    const HOST: &str = "111111111111.dkr.ecr.us-west-2.amazonaws.com";

    fn pull(reference: &str) -> Result<PulledImage, String> {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "annotations": {"org.opencontainers.image.version": "1.4.0", "org.opencontainers.image.revision": "c0ffee"},
        });
        ecr.call("CreateRepository", &json!({"repositoryName": "shop"}), Timestamp::UNIX_EPOCH).unwrap();
        let manifest = manifest.to_string();
        let push = Push {
            repository: "shop",
            manifest: &manifest,
            media_type: None,
            digest: None,
            tag: Some("1"),
            door: Door::Scenario,
        };
        ecr.push(&push, Timestamp::UNIX_EPOCH).unwrap();
        let registries = BTreeMap::from([(Place::new("111111111111", "us-west-2"), ecr)]);
        let mut behaviours = Behaviours::default();
        behaviours.set_reference("nginx:1.27", Behaviour { exit_code: 3, ..Behaviour::default() }, Conduct::default());
        Catalog { registries: &registries, behaviours: &behaviours }.pull("333333333333", "us-west-2", reference)
    }

    #[test]
    fn an_image_that_nobody_described_tells_its_version_by_its_annotations() {
        let pulled = pull(&format!("{HOST}/shop:1")).unwrap();
        assert_eq!((pulled.behaviour.version.as_str(), pulled.behaviour.commit.as_str()), ("1.4.0", "c0ffee"));
        let pinned = pull(&format!("{HOST}/shop@{}", pulled.digest)).unwrap();
        assert_eq!(pinned, pulled);
    }

    #[test]
    fn a_missing_image_cannot_be_pulled() {
        let reference = format!("{HOST}/shop:2");
        let reason = pull(&reference).unwrap_err();
        assert_eq!(
            reason,
            format!(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {reference}: {reference}: not found"
            )
        );
    }

    #[test]
    fn an_image_from_elsewhere_has_a_stable_digest() {
        let (one, other) = (pull("nginx:1.27").unwrap(), pull("nginx:1.28").unwrap());
        assert_eq!((one.behaviour.exit_code, other.behaviour.exit_code), (3, 0));
        assert_eq!(one.digest, sha256("nginx:1.27"));
        let pinned = pull("ghcr.io/a/b@sha256:ab").unwrap();
        assert_eq!(pinned.digest, "sha256:ab");
    }

    #[test]
    fn an_image_from_elsewhere_behaves_the_same_once_it_is_pinned() {
        let named = pull("nginx:1.27").unwrap();
        let pinned = pull(&format!("nginx@{}", named.digest)).unwrap();
        assert_eq!(pinned, named);
    }
}
