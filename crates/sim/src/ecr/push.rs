//! `PutImage`: pushing a manifest, and tagging one that is there.
//!
//! Layers are not checked: the simulator holds none, so `LayersNotFoundException` is never answered.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    image::{Image, ImageId, is_tag},
    manifest::{Manifest, is_index},
    registry::Ecr,
    repository::Repository,
};
use crate::{
    api::{Members, sha256},
    fault::AwsError,
};

const MEMBERS: &[&str] =
    &["registryId", "repositoryName", "imageManifest", "imageManifestMediaType", "imageTag", "imageDigest"];

pub(super) fn put(ecr: &mut Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, MEMBERS)?;
    let name = members.required_text("repositoryName")?;
    let text = members.required_text("imageManifest")?;
    let tag = members.text("imageTag")?;
    let account = ecr.account.clone();
    let repository = ecr.repository_mut(name)?;
    let manifest = Manifest::read(text)?;
    let media_type = manifest.media_type(members.text("imageManifestMediaType")?)?;
    let digest = sha256(text);
    check_digest(members.text("imageDigest")?, &digest)?;
    check_tag(tag)?;
    check_children(repository, &manifest, &media_type)?;
    check_new(repository, &digest, tag, &account)?;
    if let Some(tag) = tag {
        repository.tags.insert(tag.to_owned(), digest.clone());
    }
    let fresh = Image { manifest: text.to_owned(), media_type, pushed_at: now };
    let image = repository.images.entry(digest.clone()).or_insert(fresh);
    let id = ImageId { digest: Some(digest), tag: tag.map(str::to_owned) };
    Ok(json!({"image": shown(&account, name, &id, image)}))
}

/// An image as `PutImage` and `BatchGetImage` answer it.
pub(super) fn shown(account: &str, repository: &str, id: &ImageId, image: &Image) -> Value {
    json!({
        "registryId": account,
        "repositoryName": repository,
        "imageId": id.shown(),
        "imageManifest": image.manifest,
        "imageManifestMediaType": image.media_type,
    })
}

fn check_digest(given: Option<&str>, digest: &str) -> Result<(), AwsError> {
    match given {
        Some(given) if given != digest => Err(AwsError::client(
            "ImageDigestDoesNotMatchException",
            format!(
                "The specified image digest '{given}' does not match the digest '{digest}' calculated for the image"
            ),
        )),
        Some(_) | None => Ok(()),
    }
}

fn check_tag(tag: Option<&str>) -> Result<(), AwsError> {
    match tag {
        Some(tag) if !is_tag(tag) => Err(AwsError::client(
            "InvalidParameterException",
            "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}''",
        )),
        Some(_) | None => Ok(()),
    }
}

fn check_children(repository: &Repository, manifest: &Manifest, media_type: &str) -> Result<(), AwsError> {
    let missing: Vec<_> = manifest.children().filter(|child| !repository.images.contains_key(*child)).collect();
    if !is_index(media_type) || missing.is_empty() {
        return Ok(());
    }
    Err(AwsError::client(
        "ReferencedImagesNotFoundException",
        format!(
            "Images with digests '[{}]' required for pushing image into repository with name '{}' do not exist",
            missing.join(", "),
            repository.name
        ),
    ))
}

fn check_new(repository: &Repository, digest: &str, tag: Option<&str>, account: &str) -> Result<(), AwsError> {
    let name = &repository.name;
    let tagged = tag.and_then(|tag| repository.tags.get(tag));
    let is_there = repository.images.contains_key(digest);
    match (tag, tagged) {
        (None, _) if is_there => Err(AwsError::client(
            "ImageAlreadyExistsException",
            format!(
                "Image with digest '{digest}' already exists in the repository with name '{name}' in registry with id '{account}'"
            ),
        )),
        (Some(tag), Some(tagged)) if tagged == digest => Err(AwsError::client(
            "ImageAlreadyExistsException",
            format!(
                "Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{name}' in registry with id '{account}'"
            ),
        )),
        (Some(tag), Some(_)) if !repository.may_move(tag) => Err(AwsError::client(
            "ImageTagAlreadyExistsException",
            format!(
                "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the tag is immutable."
            ),
        )),
        (None | Some(_), _) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_repository(mutability: &str) -> Ecr {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let input = json!({"repositoryName": "shop-api", "imageTagMutability": mutability});
        ecr.call("CreateRepository", &input, Timestamp::UNIX_EPOCH).unwrap();
        ecr
    }

    fn push(ecr: &mut Ecr, manifest: &str, tag: &str) -> Result<Value, AwsError> {
        let input = json!({"repositoryName": "shop-api", "imageManifest": manifest, "imageTag": tag});
        ecr.call("PutImage", &input, Timestamp::UNIX_EPOCH)
    }

    fn manifest(version: &str) -> String {
        Manifest::made_up("shop-api", version, "")
    }

    #[test]
    fn the_digest_is_that_of_the_manifests_bytes() {
        let answer = push(&mut with_repository("MUTABLE"), &manifest("1"), "v1").unwrap();
        assert_eq!(answer["image"]["imageId"]["imageDigest"], sha256(manifest("1")));
        assert_eq!(answer["image"]["imageManifest"], manifest("1"));
    }

    #[test]
    fn the_same_push_again_says_so() {
        let mut ecr = with_repository("IMMUTABLE");
        push(&mut ecr, &manifest("1"), "v1").unwrap();
        assert_eq!(push(&mut ecr, &manifest("1"), "v1").unwrap_err().code, "ImageAlreadyExistsException");
        push(&mut ecr, &manifest("1"), "release").unwrap();
    }

    #[test]
    fn an_immutable_tag_stays_where_it_is() {
        let mut ecr = with_repository("IMMUTABLE");
        push(&mut ecr, &manifest("1"), "v1").unwrap();
        let error = push(&mut ecr, &manifest("2"), "v1").unwrap_err();
        assert_eq!(error.code, "ImageTagAlreadyExistsException");
        assert_eq!(
            error.message,
            "The image tag 'v1' already exists in the 'shop-api' repository and cannot be overwritten because the tag is immutable."
        );
    }

    #[test]
    fn a_mutable_tag_moves() {
        let mut ecr = with_repository("MUTABLE");
        push(&mut ecr, &manifest("1"), "latest").unwrap();
        push(&mut ecr, &manifest("2"), "latest").unwrap();
        let id = ImageId { digest: None, tag: Some("latest".to_owned()) };
        assert_eq!(ecr.find("shop-api", &id).unwrap().0, sha256(manifest("2")));
    }

    #[test]
    fn a_wrong_digest_is_refused() {
        let mut ecr = with_repository("MUTABLE");
        let input =
            json!({"repositoryName": "shop-api", "imageManifest": manifest("1"), "imageDigest": sha256("other")});
        let error = ecr.call("PutImage", &input, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.code, "ImageDigestDoesNotMatchException");
    }

    #[test]
    fn an_index_needs_its_children_first() {
        let mut ecr = with_repository("MUTABLE");
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{"digest": sha256(manifest("1")), "size": 1, "mediaType": "application/vnd.oci.image.manifest.v1+json"}],
        })
        .to_string();
        assert_eq!(push(&mut ecr, &index, "v1").unwrap_err().code, "ReferencedImagesNotFoundException");
        push(&mut ecr, &manifest("1"), "v1-amd64").unwrap();
        push(&mut ecr, &index, "v1").unwrap();
    }
}
