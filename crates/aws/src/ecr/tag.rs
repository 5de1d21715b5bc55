//! Lets a tag name an image by putting the image's very own manifest again, under the tag.
//!
//! Where the tag may not move, it is looked at before: ECR itself refuses only where the repository is immutable, so
//! that somebody who sets the same tag in the same instant can still be overwritten in a mutable one.

use std::sync::Arc;

use aws_sdk_ecr::config::{Builder, retry::RetryConfig, timeout::TimeoutConfig};
use towpath_core::{
    identifier::{Digest, ImageReference, TagName, TaggedImage},
    ports::{CallError, Fault, Images as _, PublishError, Tagged, WhenTaken},
};

use crate::{
    Patience,
    call::{Call, Nature},
    fault,
};

use super::{
    EcrImages,
    images::Place,
    raw::{Raw, missing_repository},
};

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
        let (manifest, before) = self.look(&place, image, &tagged).await?;
        if !manifest.is(image) {
            let (place, found) = (format!("from {}", image.repository()), Digest::of(manifest.text.as_bytes()));
            return Err(PublishError::Corrupted { place, expected: image.digest().clone(), found: Some(found) });
        }
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

    /// The image's manifest, and what the tag names now: one question either way.
    async fn look(
        &self,
        place: &Place<'_>,
        image: &ImageReference,
        tagged: &TaggedImage,
    ) -> Result<(Arc<Raw>, Option<Digest>), PublishError> {
        let Some(manifest) = self.known.get(image) else {
            return self.raw_and_tagged(place, image, &tagged.tag).await;
        };
        let now = self.resolve(tagged).await.map_err(|error| missing_repository(error, image))?;
        Ok((manifest, now))
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
            .set_image_manifest_media_type(manifest.media_type.clone())
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
