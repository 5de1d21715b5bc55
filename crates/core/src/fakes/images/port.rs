//! The port's methods: what is asked, through whatever is to happen next.

use async_trait::async_trait;

use crate::{
    identifier::{Digest, ImageReference, Repository, TagName, TaggedImage},
    ports::{
        CallError, ImageContents, ImageLayout, ImagePresence, Images, Platform, PublishError, Published, Tagged,
        WhenTaken,
    },
};

use super::{FakeImages, fake::not_found, publish};

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

    async fn lifecycle(&self, repository: &Repository) -> Result<Option<String>, CallError> {
        self.look("ecr:GetLifecyclePolicy", repository, |kept| Ok(kept.lifecycle.clone()))
    }

    async fn contents(&self, image: &ImageReference) -> Result<Option<ImageContents>, PublishError> {
        self.mishaps.change("ecr:BatchGetImage", || publish::contents(self, image)).await
    }

    async fn copy(&self, image: &ImageReference, to: &Repository) -> Result<Published, PublishError> {
        self.mishaps.change("ecr:PutImage", || publish::copy(self, image, to)).await
    }

    async fn upload(&self, layout: &ImageLayout, to: &Repository) -> Result<Published, PublishError> {
        self.mishaps.change("ecr:PutImage", || publish::upload(self, layout, to)).await
    }

    async fn tag(&self, image: &ImageReference, tag: &TagName, when_taken: WhenTaken) -> Result<Tagged, PublishError> {
        self.mishaps.change("ecr:PutImage", || publish::tag(self, image, tag, when_taken)).await
    }
}
