//! [`FakeImages`]: registries that hold digests and tags, and no bytes.

use std::{collections::BTreeMap, sync::Mutex};

use async_trait::async_trait;

use crate::{
    identifier::{Digest, ImageReference, Repository, TagName, TaggedImage},
    ports::{CallError, Fault, ImagePresence, Images, Platform},
};

use super::mishap::{Mishap, Mishaps, locked};

/// Registries. A repository exists once an image was pushed to it.
#[derive(Debug, Default)]
pub struct FakeImages {
    repositories: Mutex<BTreeMap<Repository, Kept>>,
    mishaps: Mishaps,
}

/// What is kept in one repository.
#[derive(Debug, Default)]
struct Kept {
    is_opaque: bool,
    images: BTreeMap<Digest, Image>,
    tags: BTreeMap<TagName, Digest>,
}

#[derive(Debug)]
struct Image {
    presence: ImagePresence,
    children: Vec<Digest>,
    platforms: Option<Vec<Platform>>,
}

impl FakeImages {
    /// Registries without images.
    pub fn new() -> Self {
        Self::default()
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
            images.insert(
                child.clone(),
                Image { presence: ImagePresence::Present, children: Vec::new(), platforms: None },
            );
        }
        let index = Image { presence: ImagePresence::Present, children: children.to_vec(), platforms: None };
        images.insert(image.digest().clone(), index);
    }

    /// Lets a tag name that image.
    pub fn tag(&self, image: &ImageReference, tag: &TagName) {
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
    fn look<T>(
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

fn opaque(operation: &str) -> CallError {
    let message = "this registry cannot be looked into".to_owned();
    CallError { operation: operation.to_owned(), fault: Fault::Rejected, code: None, message }
}

fn not_found(operation: &str, code: &str, what: &str, name: &str) -> CallError {
    let message = format!("the {what} with name '{name}' does not exist");
    CallError { operation: operation.to_owned(), fault: Fault::NotFound, code: Some(code.to_owned()), message }
}

#[async_trait]
impl Images for FakeImages {
    async fn resolve(&self, image: &TaggedImage) -> Result<Option<Digest>, CallError> {
        let operation = "ecr:BatchGetImage";
        let find = || self.look(operation, &image.repository, |kept| Ok(kept.tags.get(&image.tag).cloned()));
        self.mishaps.read(operation, find).await
    }

    async fn presence(&self, image: &ImageReference) -> Result<ImagePresence, CallError> {
        let operation = "ecr:DescribeImages";
        let find = || {
            let found = self.look(operation, image.repository(), |kept| {
                Ok(kept.images.get(image.digest()).map_or(ImagePresence::Missing, |image| image.presence.clone()))
            });
            match found {
                Err(error) if error.is_not_found() => Ok(ImagePresence::Missing),
                Err(error) => Ok(ImagePresence::CannotTell(error.message)),
                Ok(presence) => Ok(presence),
            }
        };
        self.mishaps.read(operation, find).await
    }

    async fn children(&self, image: &ImageReference) -> Result<Vec<Digest>, CallError> {
        let operation = "ecr:BatchGetImage";
        let find = || {
            self.look(operation, image.repository(), |kept| {
                let found = kept.images.get(image.digest()).map(|image| image.children.clone());
                found.ok_or_else(|| not_found(operation, "ImageNotFound", "image", image.as_str()))
            })
        };
        self.mishaps.read(operation, find).await
    }

    async fn platforms(&self, image: &ImageReference) -> Result<Option<Vec<Platform>>, CallError> {
        let operation = "ecr:BatchGetImage";
        let platforms = || {
            self.look(operation, image.repository(), |kept| {
                Ok(kept.images.get(image.digest()).and_then(|image| image.platforms.clone()))
            })
        };
        self.mishaps.read(operation, platforms).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> ImageReference {
        ImageReference::new("registry.example.com/shop".parse().unwrap(), Digest::of(b"image"))
    }

    #[tokio::test]
    async fn images_are_there_once_pushed_and_gone_when_removed() {
        let images = FakeImages::new();
        assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Missing);
        assert!(images.children(&image()).await.unwrap_err().is_not_found());
        images.push_index(&image(), &[Digest::of(b"child")]);
        assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Present);
        assert_eq!(images.children(&image()).await.unwrap(), [Digest::of(b"child")]);
        images.set(&image(), ImagePresence::Missing);
        assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Missing);
    }

    #[tokio::test]
    async fn tags_name_digests_and_shut_registries_tell_nothing() {
        let images = FakeImages::new();
        let tagged: TaggedImage = "registry.example.com/shop:v1".parse().unwrap();
        assert!(images.resolve(&tagged).await.unwrap_err().is_not_found());
        images.push(&image());
        assert_eq!(images.resolve(&tagged).await.unwrap(), None);
        images.tag(&image(), &tagged.tag);
        assert_eq!(images.resolve(&tagged).await.unwrap().as_ref(), Some(image().digest()));
        images.shut(&tagged.repository);
        assert_eq!(images.resolve(&tagged).await.unwrap_err().fault, Fault::Rejected);
        assert!(matches!(images.presence(&image()).await.unwrap(), ImagePresence::CannotTell(_)));
    }

    #[tokio::test]
    async fn a_mishap_happens_once() {
        let images = FakeImages::new();
        images.push(&image());
        images.next(Mishap::NotCarriedOut(Fault::Throttled));
        assert_eq!(images.presence(&image()).await.unwrap_err().fault, Fault::Throttled);
        assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Present);
    }
}
