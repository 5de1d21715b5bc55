//! The Images port on ECR, in whichever account and region the registry is.
//!
//! Tags and presence are read without the manifest, since reading that counts as a pull in ECR's bookkeeping.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecr::{Client, types::ImageIdentifier};
use serde_json::Value;
use towpath_core::{
    identifier::{Digest, ImageReference, Repository, TagName, TaggedImage},
    ports::{
        CallError, Fault, ImageContents, ImageLayout, ImagePresence, Images, Platform, PublishError, Published, Tagged,
        WhenTaken,
    },
};

use crate::{
    call::{Call, Nature, Terms},
    connect::Aws,
    fault,
    json::{self, Unreadable},
    registry::{self, Layout, Origin, Registries, Remote},
};

use super::{
    blob, manifest,
    platform::{self, Told},
    raw::Known,
};

/// Private ECR registries, with the environment's credentials.
#[derive(Clone)]
pub struct EcrImages {
    aws: Aws,
    registries: Registries,
    pub(super) known: Arc<Known>,
}

/// A repository's place.
pub(super) struct Place<'a> {
    pub(super) client: Client,
    pub(super) account: &'a str,
    pub(super) repository: &'a str,
}

impl EcrImages {
    pub(crate) fn new(aws: Aws) -> Self {
        Self { registries: Registries::new(aws.clone()), known: Arc::default(), aws }
    }

    pub(super) fn terms(&self) -> &Terms {
        self.aws.terms()
    }

    pub(super) fn read(&self, operation: &'static str) -> Call<'_> {
        Call { operation, nature: Nature::Read, codes: fault::ecr, terms: self.aws.terms() }
    }

    pub(super) fn place<'a>(&self, repository: &'a Repository) -> Result<Place<'a>, String> {
        let (account, region) = repository.ecr().ok_or_else(|| foreign(repository))?;
        Ok(Place { client: self.aws.ecr(region), account, repository: repository.path() })
    }

    /// The repository behind the registries' own protocol.
    #[expect(clippy::result_large_err, reason = "it is the port's own error")]
    fn remote(&self, repository: &Repository) -> Result<Remote, PublishError> {
        Ok(self.place_of(repository)?)
    }

    /// As [`EcrImages::remote`], for who knows of calls alone.
    #[expect(clippy::result_large_err, reason = "it is the port's own error")]
    pub(super) fn place_of(&self, repository: &Repository) -> Result<Remote, CallError> {
        let refused = || self.read("ecr:GetAuthorizationToken").failed(Fault::Rejected, None, foreign(repository));
        self.registries.repository(repository).ok_or_else(refused)
    }

    /// What ECR knows of one image, or `None` where it has none such.
    async fn detail(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        image: ImageIdentifier,
    ) -> Result<Option<Value>, CallError> {
        let request = place
            .client
            .describe_images()
            .registry_id(place.account)
            .repository_name(place.repository)
            .image_ids(image);
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.code.as_deref() == Some("ImageNotFoundException") => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let details = json::list(&answer, "imageDetails");
        let details = details.map_err(|problem| call.unreadable(&problem))?;
        Ok(details.first().cloned())
    }
}

impl EcrImages {
    /// What the image is built for; `None` where it does not say so, or not to this caller.
    ///
    /// An index says so itself; a single image does in its configuration, which is a blob: reading it takes
    /// `ecr:GetDownloadUrlForLayer`, which whoever pulls images has.
    ///
    /// # Errors
    /// As for the children of an index: where there is no such image, or ECR does not answer.
    async fn read_platforms(&self, image: &ImageReference) -> Result<Option<Vec<Platform>>, CallError> {
        let Ok(place) = self.place(image.repository()) else {
            return Ok(None);
        };
        let call = self.read("ecr:BatchGetImage");
        let manifest = self.manifest(&call, &place, image).await?;
        match platform::told(&manifest).map_err(|problem| call.unreadable(&problem))? {
            Told::Here(platforms) => Ok(Some(platforms)),
            Told::In(configuration) => Ok(self.configured(&place, &configuration).await?.map(|one| vec![one])),
            Told::Nowhere => Ok(None),
        }
    }

    /// What an image's configuration says; only a caller that is nobody at all is an error.
    async fn configured(&self, place: &Place<'_>, configuration: &Digest) -> Result<Option<Platform>, CallError> {
        let call = self.read("ecr:GetDownloadUrlForLayer");
        let request = place
            .client
            .get_download_url_for_layer()
            .registry_id(place.account)
            .repository_name(place.repository)
            .layer_digest(configuration.as_str());
        let answer = match call.json(|wire| request.clone().customize().interceptor(wire).send()).await {
            Err(error) if error.fault == Fault::Unauthenticated => return Err(error),
            Err(_) => return Ok(None),
            Ok(answer) => answer,
        };
        let Ok(Some(address)) = json::text(&answer, "downloadUrl") else {
            return Ok(None);
        };
        let bytes = blob::download(address, self.aws.patience().attempt).await;
        // What it is named by is its hash: anything else is not this image's configuration.
        let bytes = bytes.filter(|bytes| Digest::of(bytes) == *configuration);
        let value: Option<Value> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(value.as_ref().and_then(platform::platform))
    }
}

#[async_trait]
impl Images for EcrImages {
    async fn resolve(&self, image: &TaggedImage) -> Result<Option<Digest>, CallError> {
        let call = self.read("ecr:DescribeImages");
        let place = self.place(&image.repository);
        let place = place.map_err(|problem| call.failed(Fault::Rejected, None, problem))?;
        let id = ImageIdentifier::builder().image_tag(image.tag.as_str()).build();
        let Some(detail) = self.detail(&call, &place, id).await? else {
            return Ok(None);
        };
        let digest = json::required_parsed(&detail, "imageDigest", "a digest");
        Ok(Some(digest.map_err(|problem| call.unreadable(&problem))?))
    }

    async fn presence(&self, image: &ImageReference) -> Result<ImagePresence, CallError> {
        let call = self.read("ecr:DescribeImages");
        let place = match self.place(image.repository()) {
            Ok(place) => place,
            Err(problem) => return Ok(ImagePresence::CannotTell(problem)),
        };
        let id = ImageIdentifier::builder().image_digest(image.digest().as_str()).build();
        match self.detail(&call, &place, id).await {
            Ok(Some(detail)) => presence(&detail).map_err(|problem| call.unreadable(&problem)),
            Ok(None) => Ok(ImagePresence::Missing),
            Err(error) if error.is_not_found() => Ok(ImagePresence::Missing),
            Err(error) => Err(error),
        }
    }

    async fn children(&self, image: &ImageReference) -> Result<Vec<Digest>, CallError> {
        let call = self.read("ecr:BatchGetImage");
        let place = self.place(image.repository());
        let place = place.map_err(|problem| call.failed(Fault::Rejected, None, problem))?;
        let manifest = self.manifest(&call, &place, image).await?;
        manifest::children(&manifest).map_err(|problem| call.unreadable(&problem))
    }

    async fn platforms(&self, image: &ImageReference) -> Result<Option<Vec<Platform>>, CallError> {
        self.read_platforms(image).await
    }

    async fn lifecycle(&self, repository: &Repository) -> Result<Option<String>, CallError> {
        let call = self.read("ecr:GetLifecyclePolicy");
        let place = self.place(repository);
        let place = place.map_err(|problem| call.failed(Fault::Rejected, None, problem))?;
        let request = place.client.get_lifecycle_policy().registry_id(place.account).repository_name(place.repository);
        match call.json(|wire| request.clone().customize().interceptor(wire).send()).await {
            Ok(answer) => {
                let text = json::text(&answer, "lifecyclePolicyText");
                Ok(text.map_err(|problem| call.unreadable(&problem))?.map(str::to_owned))
            }
            Err(error) if error.code.as_deref() == Some("LifecyclePolicyNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn contents(&self, image: &ImageReference) -> Result<Option<ImageContents>, PublishError> {
        registry::contents(&self.remote(image.repository())?, image.digest()).await
    }

    async fn copy(&self, image: &ImageReference, to: &Repository) -> Result<Published, PublishError> {
        let (from, to) = (self.remote(image.repository())?, self.remote(to)?);
        registry::bring(&Origin::Remote(from), image.digest(), &to).await
    }

    async fn upload(&self, layout: &ImageLayout, to: &Repository) -> Result<Published, PublishError> {
        let to = self.remote(to)?;
        let origin = Origin::Layout(Layout::open(layout.folder.clone()).await?, layout.digest.clone());
        registry::bring(&origin, &layout.digest, &to).await
    }

    async fn tag(&self, image: &ImageReference, tag: &TagName, when_taken: WhenTaken) -> Result<Tagged, PublishError> {
        self.set_tag(image, tag, when_taken).await
    }
}

fn foreign(repository: &Repository) -> String {
    format!("{} is no private Amazon ECR registry, and Towpath can only look into those", repository.registry())
}

fn presence(detail: &Value) -> Result<ImagePresence, Unreadable> {
    Ok(match json::text(detail, "imageStatus")? {
        None | Some("ACTIVE") => ImagePresence::Present,
        Some(status) => ImagePresence::NotPullable(status.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_image_that_is_not_active_cannot_be_pulled() {
        let check = |detail: Value, expected| assert_eq!(presence(&detail), Ok(expected));
        check(json!({"imageStatus": "ACTIVE"}), ImagePresence::Present);
        check(json!({}), ImagePresence::Present);
        for status in ["ARCHIVED", "ACTIVATING", "FROZEN"] {
            let expected = ImagePresence::NotPullable(status.to_owned());
            check(json!({"imageStatus": status}), expected);
        }
    }
}
