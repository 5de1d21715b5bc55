//! Manifests as ECR keeps them, each read once: what is named by its content cannot change.
//!
//! That an image is still there is no matter of this; presence is asked anew each time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_sdk_ecr::types::ImageIdentifier;
use serde_json::Value;
use towpath_core::{
    identifier::{Digest, ImageReference, TagName},
    ports::{CallError, Fault, PublishError},
};

use crate::{
    call::Call,
    json::{self, Unreadable},
};

use super::{EcrImages, images::Place, manifest};

/// The most manifests that are kept.
const MOST: usize = 64;

/// A manifest's bytes, and their type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) text: String,
    pub(super) media_type: Option<String>,
}

/// The manifests that were read.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<BTreeMap<ImageReference, Arc<Raw>>>);

impl Known {
    pub(super) fn get(&self, image: &ImageReference) -> Option<Arc<Raw>> {
        self.all().get(image).cloned()
    }

    fn keep(&self, image: &ImageReference, raw: Raw) -> Arc<Raw> {
        let raw = Arc::new(raw);
        let mut all = self.all();
        if raw.is(image) && all.len() < MOST {
            all.insert(image.clone(), Arc::clone(&raw));
        }
        raw
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<ImageReference, Arc<Raw>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Raw {
    /// Whether these are the bytes that the image's digest names.
    pub(super) fn is(&self, image: &ImageReference) -> bool {
        Digest::of(self.text.as_bytes()) == *image.digest()
    }
}

impl EcrImages {
    /// The image's manifest, read.
    pub(super) async fn manifest(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        image: &ImageReference,
    ) -> Result<Value, CallError> {
        let raw = match self.known.get(image) {
            Some(raw) => raw,
            None => self.read_raw(call, place, image).await?,
        };
        serde_json::from_str(&raw.text).map_err(|_| call.unsure("`imageManifest` in the answer is not JSON"))
    }

    /// The image's manifest, and which image a tag names, in one question.
    pub(super) async fn raw_and_tagged(
        &self,
        place: &Place<'_>,
        image: &ImageReference,
        tag: &TagName,
    ) -> Result<(Arc<Raw>, Option<Digest>), PublishError> {
        let call = self.read("ecr:BatchGetImage");
        let tagged = ImageIdentifier::builder().image_tag(tag.as_str()).build();
        let answer = batch_get(&call, place, vec![by_digest(image), tagged]).await;
        let answer = answer.map_err(|error| missing_repository(error, image))?;
        let is_it = |entry: &&Value| id(entry, "imageDigest") == Some(image.digest().as_str());
        let found = found(&answer, is_it).map_err(|problem| call.unreadable(&problem))?;
        let now = named(&answer, tag).map_err(|problem| call.unreadable(&problem))?;
        let Some(raw) = found else {
            let error = refusal(&call, &answer, image);
            return Err(if error.is_not_found() { PublishError::NoImage(image.clone()) } else { error.into() });
        };
        Ok((self.known.keep(image, raw), now))
    }

    async fn read_raw(
        &self,
        call: &Call<'_>,
        place: &Place<'_>,
        image: &ImageReference,
    ) -> Result<Arc<Raw>, CallError> {
        let answer = batch_get(call, place, vec![by_digest(image)]).await?;
        let found = found(&answer, |_| true).map_err(|problem| call.unreadable(&problem))?;
        let raw = found.ok_or_else(|| refusal(call, &answer, image))?;
        Ok(self.known.keep(image, raw))
    }
}

fn by_digest(image: &ImageReference) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(image.digest().as_str()).build()
}

async fn batch_get(call: &Call<'_>, place: &Place<'_>, ids: Vec<ImageIdentifier>) -> Result<Value, CallError> {
    let request = place
        .client
        .batch_get_image()
        .registry_id(place.account)
        .repository_name(place.repository)
        .set_image_ids(Some(ids))
        .set_accepted_media_types(Some(manifest::MEDIA_TYPES.map(str::to_owned).into()));
    call.json(|wire| request.clone().customize().interceptor(wire).send()).await
}

/// A repository that is not there, by its name.
pub(super) fn missing_repository(error: CallError, image: &ImageReference) -> PublishError {
    match error.code.as_deref() {
        Some("RepositoryNotFoundException") => PublishError::NoRepository(image.repository().clone()),
        _ => error.into(),
    }
}

/// The manifest of the first entry that is it.
fn found(answer: &Value, is_it: impl Fn(&&Value) -> bool) -> Result<Option<Raw>, Unreadable> {
    let Some(entry) = json::list(answer, "images")?.iter().find(is_it) else {
        return Ok(None);
    };
    let text = json::required_text(entry, "imageManifest")?.to_owned();
    let media_type = json::text(entry, "imageManifestMediaType")?.map(str::to_owned);
    Ok(Some(Raw { text, media_type }))
}

/// The digest of the entry with that tag.
fn named(answer: &Value, tag: &TagName) -> Result<Option<Digest>, Unreadable> {
    let entry = json::list(answer, "images")?.iter().find(|entry| id(entry, "imageTag") == Some(tag.as_str()));
    entry.map(|entry| json::required_parsed(json::required(entry, "imageId")?, "imageDigest", "a digest")).transpose()
}

fn id<'a>(entry: &'a Value, name: &str) -> Option<&'a str> {
    entry.get("imageId")?.get(name)?.as_str()
}

/// Why ECR gave no image, in its words.
fn refusal(call: &Call<'_>, answer: &Value, image: &ImageReference) -> CallError {
    let failures = answer.get("failures").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let failure = failures.iter().find(|failure| id(failure, "imageDigest").is_some()).or(failures.first());
    let word = |name: &str| failure.and_then(|failure| failure.get(name)?.as_str());
    let code = word("failureCode").unwrap_or("ImageNotFound");
    let fault = match code {
        "ImageNotFound" => Fault::NotFound,
        _ => Fault::Rejected,
    };
    let message = format!("{image}: {}", word("failureReason").unwrap_or(code));
    call.failed(fault, Some(code.to_owned()), crate::call::clean(&message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(text: &str) -> ImageReference {
        ImageReference::new("ghcr.io/shop/api".parse().unwrap(), Digest::of(text.as_bytes()))
    }

    fn entry(text: &str, tag: Option<&str>) -> Value {
        let id = json!({"imageDigest": Digest::of(text.as_bytes()).as_str(), "imageTag": tag});
        json!({"imageId": id, "imageManifest": text})
    }

    #[test]
    fn an_answer_tells_the_image_and_what_the_tag_names_apart() {
        let answer = json!({"images": [entry("theirs", Some("v1")), entry("ours", None)]});
        let is = |text: &str| {
            let digest = Digest::of(text.as_bytes());
            move |entry: &&Value| id(entry, "imageDigest") == Some(digest.as_str())
        };
        let expected = Raw { text: "ours".to_owned(), media_type: None };
        assert_eq!(found(&answer, is("ours")), Ok(Some(expected)));
        assert_eq!(named(&answer, &"v1".parse().unwrap()), Ok(Some(Digest::of(b"theirs"))));
        assert_eq!(named(&answer, &"v2".parse().unwrap()), Ok(None));
        assert_eq!(found(&answer, is("other")), Ok(None));
        let merged = json!({"images": [entry("ours", Some("v1"))]});
        assert!(found(&merged, is("ours")).unwrap().is_some());
        assert_eq!(named(&merged, &"v1".parse().unwrap()), Ok(Some(Digest::of(b"ours"))));
    }

    #[test]
    fn only_what_its_digest_names_is_kept() {
        let known = Known::default();
        let raw = |text: &str| Raw { text: text.to_owned(), media_type: None };
        known.keep(&image("a"), raw("a"));
        known.keep(&image("b"), raw("something else"));
        assert_eq!(known.get(&image("a")).as_deref(), Some(&raw("a")));
        assert_eq!(known.get(&image("b")), None);
    }
}
