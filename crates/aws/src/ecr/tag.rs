//! Lets a tag name an image by putting the image's very own manifest again, under the tag.
//!
//! Where the tag may not move, it is looked at before: ECR itself refuses only where the repository is immutable, so
//! that somebody who sets the same tag in the same instant can still be overwritten in a mutable one.

use aws_sdk_ecr::{
    config::{Builder, retry::RetryConfig, timeout::TimeoutConfig},
    types::ImageIdentifier,
};
use serde_json::Value;
use towpath_core::{
    identifier::{Digest, ImageReference, TagName, TaggedImage},
    ports::{CallError, Fault, Images as _, PublishError, Tagged, WhenTaken},
};

use crate::{
    Patience,
    call::{Call, Nature},
    fault,
    json::{self, Unreadable},
};

use super::{
    EcrImages,
    images::{Place, refusal},
    manifest,
};

/// An image's manifest as ECR keeps it.
struct Raw {
    text: String,
    media_type: String,
}

impl EcrImages {
    pub(super) async fn set_tag(
        &self,
        image: &ImageReference,
        tag: &TagName,
        when_taken: WhenTaken,
    ) -> Result<Tagged, PublishError> {
        let tagged = TaggedImage { repository: image.repository().clone(), tag: tag.clone() };
        let place = self.place(image.repository());
        let place = place.map_err(|problem| self.read("ecr:PutImage").failed(Fault::Rejected, None, problem))?;
        let manifest = self.raw_manifest(&place, image).await?;
        let before = self.resolve(&tagged).await?;
        let then = match (before, when_taken) {
            (Some(found), _) if found == *image.digest() => return Ok(Tagged::AlreadyThere),
            (Some(found), WhenTaken::Refuse) => return Err(taken(tagged, image, found)),
            (Some(from), WhenTaken::Move) => Tagged::Moved { from },
            (None, WhenTaken::Refuse | WhenTaken::Move) => Tagged::Set,
        };
        match self.put(&place, image, tag, &manifest).await {
            Ok(()) => Ok(then),
            Err(error) if error.code.as_deref() == Some("ImageAlreadyExistsException") => Ok(Tagged::AlreadyThere),
            Err(error) => self.settled(error, tagged, image, then).await,
        }
    }

    /// What an answer that was lost, or that speaks of another one's tag, has come to: the tag itself tells.
    async fn settled(
        &self,
        error: CallError,
        tagged: TaggedImage,
        image: &ImageReference,
        then: Tagged,
    ) -> Result<Tagged, PublishError> {
        let is_taken = error.code.as_deref() == Some("ImageTagAlreadyExistsException");
        if !is_taken && !error.is_ambiguous() {
            return Err(error.into());
        }
        match self.resolve(&tagged).await {
            Ok(Some(found)) if found == *image.digest() && is_taken => Ok(Tagged::AlreadyThere),
            Ok(Some(found)) if found == *image.digest() => Ok(then),
            Ok(Some(found)) if is_taken => Err(taken(tagged, image, found)),
            Ok(_) | Err(_) => Err(error.into()),
        }
    }

    async fn raw_manifest(&self, place: &Place<'_>, image: &ImageReference) -> Result<Raw, PublishError> {
        let call = self.read("ecr:BatchGetImage");
        let request = place
            .client
            .batch_get_image()
            .registry_id(place.account)
            .repository_name(place.repository)
            .image_ids(ImageIdentifier::builder().image_digest(image.digest().as_str()).build())
            .set_accepted_media_types(Some(manifest::MEDIA_TYPES.map(str::to_owned).into()));
        let answer = call.json(|wire| request.clone().customize().interceptor(wire).send()).await;
        let answer = answer.map_err(|error| missing_repository(error, image))?;
        let Some(raw) = raw(&answer).map_err(|problem| call.unreadable(&problem))? else {
            let error = refusal(&call, &answer, image);
            return Err(if error.is_not_found() { PublishError::NoImage(image.clone()) } else { error.into() });
        };
        let (expected, found) = (image.digest().clone(), Digest::of(raw.text.as_bytes()));
        if expected == found {
            return Ok(raw);
        }
        let place = format!("from {}", image.repository());
        Err(PublishError::Corrupted { place, expected, found: Some(found) })
    }

    async fn put(
        &self,
        place: &Place<'_>,
        image: &ImageReference,
        tag: &TagName,
        manifest: &Raw,
    ) -> Result<(), CallError> {
        let terms = self.terms();
        let call = Call { operation: "ecr:PutImage", nature: Nature::Change, codes: fault::ecr, terms };
        let request = place
            .client
            .put_image()
            .registry_id(place.account)
            .repository_name(place.repository)
            .image_manifest(&manifest.text)
            .image_manifest_media_type(&manifest.media_type)
            .image_digest(image.digest().as_str())
            .image_tag(tag.as_str());
        let attempt = |wire| {
            let request = request.clone().customize();
            request.config_override(once(&terms.patience)).interceptor(wire).send()
        };
        call.json(attempt).await.map(drop)
    }
}

/// Each attempt is sent once, so that it is judged by its own evidence.
fn once(patience: &Patience) -> Builder {
    let attempt = TimeoutConfig::builder().operation_attempt_timeout(patience.attempt);
    Builder::new().retry_config(RetryConfig::disabled()).timeout_config(attempt.build())
}

fn taken(tag: TaggedImage, image: &ImageReference, found: Digest) -> PublishError {
    PublishError::TagTaken { tag, wanted: image.digest().clone(), found }
}

/// A repository that is not there by its name.
fn missing_repository(error: CallError, image: &ImageReference) -> PublishError {
    match error.code.as_deref() {
        Some("RepositoryNotFoundException") => PublishError::NoRepository(image.repository().clone()),
        _ => error.into(),
    }
}

fn raw(answer: &Value) -> Result<Option<Raw>, Unreadable> {
    let Some(image) = json::list(answer, "images")?.first() else {
        return Ok(None);
    };
    let text = json::required_text(image, "imageManifest")?.to_owned();
    let media_type = json::required_text(image, "imageManifestMediaType")?.to_owned();
    Ok(Some(Raw { text, media_type }))
}
