//! [`FakeImages`]: registries that hold digests and tags, and no bytes.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Mutex,
};

use crate::{
    fakes::mishap::{Mishap, Mishaps, locked},
    identifier::{Digest, ImageReference, Repository, TagName},
    ports::{CallError, Fault, ImageLayout, ImagePresence, Platform, PublishError},
};

/// Registries. A repository exists once it was made, or an image was pushed to it.
#[derive(Debug, Default)]
pub struct FakeImages {
    pub(super) repositories: Mutex<BTreeMap<Repository, Kept>>,
    pub(super) layouts: Mutex<BTreeMap<ImageLayout, Vec<Digest>>>,
    pub(super) refusals: Mutex<VecDeque<PublishError>>,
    pub(super) referrers_unknown: Mutex<Option<CallError>>,
    pub(super) mishaps: Mishaps,
}

/// What is kept in one repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) is_opaque: bool,
    pub(super) is_immutable: bool,
    pub(super) lifecycle: Option<String>,
    pub(super) images: BTreeMap<Digest, Image>,
    pub(super) tags: BTreeMap<TagName, Digest>,
}

#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) presence: ImagePresence,
    pub(super) children: Vec<Digest>,
    pub(super) platforms: Option<Vec<Platform>>,
}

impl Image {
    /// One that can be pulled.
    pub(super) fn of(children: &[Digest]) -> Self {
        Self { presence: ImagePresence::Present, children: children.to_vec(), platforms: None }
    }
}

impl FakeImages {
    /// Registries without images.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds the same images as the other one.
    #[cfg(test)]
    pub(crate) fn become_like(&self, other: &Self) {
        *locked(&self.repositories) = locked(&other.repositories).clone();
    }

    /// Puts a single image there.
    pub fn push(&self, image: &ImageReference) {
        self.push_index(image, &[]);
    }

    /// Puts an index of several images there, which are put there with it.
    pub fn push_index(&self, image: &ImageReference, children: &[Digest]) {
        let mut repositories = locked(&self.repositories);
        let images = &mut repositories.entry(image.repository().clone()).or_default().images;
        for child in children {
            images.insert(child.clone(), Image::of(&[]));
        }
        images.insert(image.digest().clone(), Image::of(children));
    }

    /// Makes a repository without images.
    pub fn create(&self, repository: &Repository) {
        locked(&self.repositories).entry(repository.clone()).or_default();
    }

    /// From now on nobody can say what refers to an image, for this reason.
    pub fn hide_referrers(&self, error: CallError) {
        *locked(&self.referrers_unknown) = Some(error);
    }

    /// Makes a repository one whose tags never move.
    pub fn fix_tags(&self, repository: &Repository) {
        locked(&self.repositories).entry(repository.clone()).or_default().is_immutable = true;
    }

    /// Gives a repository a lifecycle policy. Nothing expires by it.
    pub fn set_lifecycle(&self, repository: &Repository, policy: &str) {
        locked(&self.repositories).entry(repository.clone()).or_default().lifecycle = Some(policy.to_owned());
    }

    /// Puts a layout on this machine: of a single image, or of an index with these entries.
    pub fn lay_out(&self, layout: &ImageLayout, children: &[Digest]) {
        locked(&self.layouts).insert(layout.clone(), children.to_vec());
    }

    /// What the next copy, upload, tag or look at contents is refused with, and nothing changed by it.
    pub fn refuse(&self, error: PublishError) {
        locked(&self.refusals).push_back(error);
    }

    /// What a tag names.
    pub fn tagged(&self, repository: &Repository, tag: &TagName) -> Option<Digest> {
        locked(&self.repositories).get(repository)?.tags.get(tag).cloned()
    }

    /// Lets a tag name that image.
    pub fn set_tag(&self, image: &ImageReference, tag: &TagName) {
        let mut repositories = locked(&self.repositories);
        let kept = repositories.entry(image.repository().clone()).or_default();
        kept.tags.insert(tag.clone(), image.digest().clone());
    }

    /// Says how an image that is there is from now on: gone, archived, there again.
    pub fn set(&self, image: &ImageReference, presence: ImagePresence) {
        let mut repositories = locked(&self.repositories);
        let kept = repositories.get_mut(image.repository());
        if let Some(found) = kept.and_then(|kept| kept.images.get_mut(image.digest())) {
            found.presence = presence;
        }
    }

    /// Says what an image that is there runs on.
    pub fn set_platforms(&self, image: &ImageReference, platforms: &[Platform]) {
        let mut repositories = locked(&self.repositories);
        let kept = repositories.get_mut(image.repository());
        if let Some(found) = kept.and_then(|kept| kept.images.get_mut(image.digest())) {
            found.platforms = Some(platforms.to_vec());
        }
    }

    /// Makes a repository one that cannot be looked into.
    pub fn shut(&self, repository: &Repository) {
        locked(&self.repositories).entry(repository.clone()).or_default().is_opaque = true;
    }

    /// What happens to the next call that nothing happens to yet.
    pub fn next(&self, mishap: Mishap) {
        self.mishaps.add(mishap);
    }

    /// Looks into a repository that can be looked into.
    pub(super) fn look<T>(
        &self,
        operation: &str,
        repository: &Repository,
        look: impl FnOnce(&Kept) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        match locked(&self.repositories).get(repository) {
            Some(kept) if kept.is_opaque => Err(opaque(operation)),
            Some(kept) => look(kept),
            None => Err(not_found(operation, "RepositoryNotFoundException", "repository", repository.as_str())),
        }
    }
}

pub(super) fn opaque(operation: &str) -> CallError {
    let message = "this registry cannot be looked into".to_owned();
    CallError { operation: operation.to_owned(), fault: Fault::Rejected, code: None, message }
}

pub(super) fn not_found(operation: &str, code: &str, what: &str, name: &str) -> CallError {
    let message = format!("the {what} with name '{name}' does not exist");
    CallError { operation: operation.to_owned(), fault: Fault::NotFound, code: Some(code.to_owned()), message }
}
