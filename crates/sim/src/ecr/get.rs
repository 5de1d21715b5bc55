//! `BatchGetImage`, and finding the image behind a name.
//!
//! A guess: an image is answered only in a media type that the caller accepts (without a list: a single image, never an index), and nothing is converted.

use serde_json::{Value, json};

use super::{
    error::invalid,
    image::{Image, ImageId},
    manifest::is_index,
    push,
    registry::Ecr,
    repository::Repository,
};
use crate::{api::Members, fault::AwsError};

pub(super) fn batch_get(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "imageIds", "acceptedMediaTypes"])?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let accepted = members.texts("acceptedMediaTypes")?;
    let ids = read_ids(&members)?;
    if !(1..=100).contains(&ids.len()) {
        return Err(invalid("imageIds", "must have between 1 and 100 items"));
    }
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        match get(repository, &id, &accepted) {
            Ok((digest, image)) => {
                let id = ImageId { digest: Some(digest.to_owned()), tag: id.tag };
                images.push(push::shown(&ecr.account, &repository.name, &id, image));
            }
            Err((code, reason)) => failures.push(failure(&id, code, &reason)),
        }
    }
    Ok(json!({"images": images, "failures": failures}))
}

fn get<'a>(
    repository: &'a Repository,
    id: &ImageId,
    accepted: &[&str],
) -> Result<(&'a str, &'a Image), (&'static str, String)> {
    let (digest, image) = find(repository, id)?;
    let is_accepted =
        if accepted.is_empty() { !is_index(&image.media_type) } else { accepted.contains(&image.media_type.as_str()) };
    if is_accepted {
        return Ok((digest, image));
    }
    Err((
        "ImageNotFound",
        format!("Requested image not found: its media type {} is not among the accepted ones", image.media_type),
    ))
}

/// The image behind `id`, or the failure code and reason of an entry of `failures`.
pub(super) fn find<'a>(
    repository: &'a Repository,
    id: &ImageId,
) -> Result<(&'a str, &'a Image), (&'static str, String)> {
    if let Some((code, reason)) = id.defect() {
        return Err((code, reason.to_owned()));
    }
    if let Some(found) = repository.find(id) {
        return Ok(found);
    }
    let is_mismatch = id.digest.is_some() && id.tag.as_ref().is_some_and(|tag| repository.tags.contains_key(tag));
    let failure = if is_mismatch {
        ("ImageTagDoesNotMatchDigest", "Requested tag does not match the requested digest")
    } else {
        ("ImageNotFound", "Requested image not found")
    };
    Err((failure.0, failure.1.to_owned()))
}

pub(super) fn failure(id: &ImageId, code: &str, reason: &str) -> Value {
    json!({"imageId": id.shown(), "failureCode": code, "failureReason": reason})
}

pub(super) fn read_ids(members: &Members<'_>) -> Result<Vec<ImageId>, AwsError> {
    members.list("imageIds")?.iter().map(ImageId::read).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ecr::{made_up, settings::RegistryKnobs};

    /// A registry that takes manifests without their layers.
    pub(in crate::ecr) fn without_layers() -> Ecr {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        ecr.set_knobs(RegistryKnobs { layers_must_exist: false, ..RegistryKnobs::default() });
        ecr
    }

    /// A registry with a tagged and an untagged image, and the digest of the tagged one.
    pub(in crate::ecr) fn shop() -> (Ecr, String) {
        let mut ecr = without_layers();
        let mut call = |operation: &str, input: Value| ecr.call(operation, &input, Timestamp::UNIX_EPOCH).unwrap();
        call("CreateRepository", json!({"repositoryName": "shop-api"}));
        let manifest = made_up::image("shop-api", "1", "").manifest;
        let put = call("PutImage", json!({"repositoryName": "shop-api", "imageManifest": manifest, "imageTag": "v1"}));
        let digest = put["image"]["imageId"]["imageDigest"].as_str().unwrap().to_owned();
        call(
            "PutImage",
            json!({"repositoryName": "shop-api", "imageManifest": made_up::image("shop-api", "2", "").manifest}),
        );
        (ecr, digest)
    }

    pub(in crate::ecr) fn call(operation: &str, input: &Value) -> Result<Value, AwsError> {
        shop().0.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn every_bad_name_fails_for_itself() {
        let ids = json!([
            {"imageTag": "v1"}, {"imageTag": "v9"}, {}, {"imageDigest": "sha256:12"}, {"imageTag": "-"},
            {"imageTag": "v1", "imageDigest": crate::api::sha256("other")},
        ]);
        let answer = call("BatchGetImage", &json!({"repositoryName": "shop-api", "imageIds": ids})).unwrap();
        assert_eq!(answer["images"].as_array().unwrap().len(), 1);
        let codes: Vec<_> = answer["failures"]
            .as_array()
            .unwrap()
            .iter()
            .map(|failure| failure["failureCode"].as_str().unwrap())
            .collect();
        assert_eq!(
            codes,
            [
                "ImageNotFound",
                "MissingDigestAndTag",
                "InvalidImageDigest",
                "InvalidImageTag",
                "ImageTagDoesNotMatchDigest"
            ]
        );
    }

    #[test]
    fn an_image_is_answered_only_in_an_accepted_type() {
        let ask = |accepted: &str| {
            call(
                "BatchGetImage",
                &json!({"repositoryName": "shop-api", "imageIds": [{"imageTag": "v1"}], "acceptedMediaTypes": [accepted]}),
            )
        };
        assert_eq!(ask("application/vnd.oci.image.manifest.v1+json").unwrap()["failures"], json!([]));
        assert_eq!(ask("application/vnd.oci.image.index.v1+json").unwrap()["images"], json!([]));
    }
}
