//! `PutImage`, and the same over the registry's own API: pushing a manifest, and tagging one that is there.
//!
//! What a scenario declares is pushed through here too, without its layers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    image::{Image, ImageId, is_tag},
    made_up::MadeUp,
    manifest::{LARGEST, Manifest, is_index},
    registry::Ecr,
    repository::Repository,
    settings::RegistryKnobs,
};
use crate::{
    api::{Members, sha256},
    fault::AwsError,
};

const MEMBERS: &[&str] =
    &["registryId", "repositoryName", "imageManifest", "imageManifestMediaType", "imageTag", "imageDigest"];

/// A manifest on its way into a repository.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    pub(crate) repository: &'a str,
    pub(crate) manifest: &'a str,
    pub(crate) media_type: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
    pub(crate) tag: Option<&'a str>,
    pub(crate) door: Door,
}

/// How a manifest comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// By `PutImage`.
    Api,
    /// By the registry's own API.
    Registry,
    /// By a scenario, which need not have the layers.
    Scenario,
}

pub(super) fn put(ecr: &mut Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, MEMBERS)?;
    let push = Push {
        repository: members.required_text("repositoryName")?,
        manifest: members.required_text("imageManifest")?,
        media_type: members.text("imageManifestMediaType")?,
        digest: members.text("imageDigest")?,
        tag: members.text("imageTag")?,
        door: Door::Api,
    };
    let digest = ecr.push(&push, now)?;
    let id = ImageId { digest: Some(digest.clone()), tag: push.tag.map(str::to_owned) };
    let account = ecr.account.clone();
    let repository = ecr.repository(push.repository)?;
    let image = repository.images.get(&digest);
    let image = image.map(|image| shown(&account, push.repository, &id, image));
    Ok(json!({"image": image}))
}

impl Ecr {
    /// Puts a manifest into a repository, and answers its digest.
    pub(crate) fn push(&mut self, push: &Push<'_>, now: Timestamp) -> Result<String, AwsError> {
        let (account, knobs) = (self.account.clone(), self.knobs.clone());
        let repository = self.repository_mut(push.repository)?;
        let manifest = read(push)?;
        let media_type = manifest.media_type(push.media_type)?;
        let digest = sha256(push.manifest);
        check_digest(push.digest, &digest)?;
        check_tag(push.tag)?;
        // What is there already was found whole when it came, or was given by a scenario.
        let is_known = repository.images.contains_key(&digest);
        check_children(repository, &manifest, &media_type, &account)?;
        if push.door != Door::Scenario && !is_known {
            manifest.check_shape(&media_type)?;
            check_layers(repository, &manifest, &knobs, &account)?;
        }
        check_new(repository, push, &digest, (&knobs, &account))?;
        if let Some(tag) = push.tag {
            repository.tags.insert(tag.to_owned(), digest.clone());
        }
        let fresh = || Image::new(push.manifest, media_type, now);
        repository.images.entry(digest.clone()).or_insert_with(fresh);
        self.scan_on_push(push.repository, &digest, now);
        Ok(digest)
    }

    /// Puts the layers of a made-up image into a repository.
    pub(crate) fn make_up(&mut self, repository: &str, made: &MadeUp) -> Result<(), AwsError> {
        self.repository_mut(repository)?.layers.extend(made.layers.iter().cloned());
        Ok(())
    }
}

fn read(push: &Push<'_>) -> Result<Manifest, AwsError> {
    if push.manifest.len() > LARGEST {
        return Err(AwsError::client(
            "InvalidParameterException",
            "Invalid parameter at 'imageManifest' failed to satisfy constraint: 'must have length less than or equal to 4194304'",
        ));
    }
    Manifest::read(push.manifest)
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

fn check_children(
    repository: &Repository,
    manifest: &Manifest,
    media_type: &str,
    account: &str,
) -> Result<(), AwsError> {
    let missing: Vec<_> = manifest.children().filter(|child| !repository.images.contains_key(*child)).collect();
    if !is_index(media_type) || missing.is_empty() {
        return Ok(());
    }
    Err(AwsError::client("ReferencedImagesNotFoundException", required("Images", &missing, &repository.name, account)))
}

fn check_layers(
    repository: &Repository,
    manifest: &Manifest,
    knobs: &RegistryKnobs,
    account: &str,
) -> Result<(), AwsError> {
    let mut missing: Vec<_> = manifest.layers().filter(|layer| !repository.layers.contains_key(*layer)).collect();
    if missing.is_empty() || !knobs.layers_must_exist {
        return Ok(());
    }
    missing.dedup();
    Err(AwsError::client("LayersNotFoundException", required("Layers", &missing, &repository.name, account)))
}

fn required(what: &str, missing: &[&str], repository: &str, account: &str) -> String {
    let missing = missing.join(", ");
    format!(
        "{what} with digests '[{missing}]' required for pushing image into repository with name '{repository}' in the registry with id '{account}' do not exist"
    )
}

fn check_new(
    repository: &Repository,
    push: &Push<'_>,
    digest: &str,
    (knobs, account): (&RegistryKnobs, &str),
) -> Result<(), AwsError> {
    let tagged = push.tag.and_then(|tag| repository.tags.get(tag));
    let is_there = repository.images.contains_key(digest);
    let is_registry = push.door == Door::Registry;
    match (push.tag, tagged) {
        (Some(tag), Some(tagged)) if tagged == digest && is_registry => {
            let is_refused = knobs.refuse_same_push && !repository.may_move(tag);
            if is_refused { Err(immutable(tag, &repository.name)) } else { Ok(()) }
        }
        (Some(tag), Some(tagged)) if tagged == digest => Err(already(digest, Some(tag), &repository.name, account)),
        (Some(tag), Some(_)) if !repository.may_move(tag) => Err(immutable(tag, &repository.name)),
        (None, _) if is_there && !is_registry => Err(already(digest, None, &repository.name, account)),
        (None | Some(_), _) => Ok(()),
    }
}

fn already(digest: &str, tag: Option<&str>, repository: &str, account: &str) -> AwsError {
    let tagged = tag.map_or_else(String::new, |tag| format!(" and tag '{tag}'"));
    AwsError::client(
        "ImageAlreadyExistsException",
        format!(
            "Image with digest '{digest}'{tagged} already exists in the repository with name '{repository}' in registry with id '{account}'"
        ),
    )
}

fn immutable(tag: &str, repository: &str) -> AwsError {
    AwsError::client(
        "ImageTagAlreadyExistsException",
        format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is immutable."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::made_up;

    fn with_repository(mutability: &str) -> Ecr {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let input = json!({"repositoryName": "shop-api", "imageTagMutability": mutability});
        ecr.call("CreateRepository", &input, Timestamp::UNIX_EPOCH).unwrap();
        for version in ["1", "2"] {
            ecr.make_up("shop-api", &made_up::image("shop-api", version, "")).unwrap();
        }
        ecr
    }

    fn push(ecr: &mut Ecr, manifest: &str, tag: &str) -> Result<Value, AwsError> {
        let input = json!({"repositoryName": "shop-api", "imageManifest": manifest, "imageTag": tag});
        ecr.call("PutImage", &input, Timestamp::UNIX_EPOCH)
    }

    /// Pushes over the registry's own API.
    fn push_there(ecr: &mut Ecr, manifest: &str, tag: &str) -> Result<String, AwsError> {
        let push = Push {
            repository: "shop-api",
            manifest,
            media_type: None,
            digest: None,
            tag: Some(tag),
            door: Door::Registry,
        };
        ecr.push(&push, Timestamp::UNIX_EPOCH)
    }

    fn manifest(version: &str) -> String {
        made_up::image("shop-api", version, "").manifest
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
    fn a_manifest_needs_its_layers_first_unless_told_otherwise() {
        let mut ecr = with_repository("MUTABLE");
        let error = push(&mut ecr, &manifest("3"), "v3").unwrap_err();
        assert_eq!(error.code, "LayersNotFoundException");
        assert!(error.message.starts_with("Layers with digests '[sha256:"), "{}", error.message);
        ecr.set_knobs(RegistryKnobs { layers_must_exist: false, ..RegistryKnobs::default() });
        push(&mut ecr, &manifest("3"), "v3").unwrap();
    }

    #[test]
    fn what_a_scenario_gave_without_layers_can_be_tagged() {
        let mut ecr = with_repository("MUTABLE");
        let manifest = manifest("3");
        let door = Door::Scenario;
        let push_in =
            Push { repository: "shop-api", manifest: &manifest, media_type: None, digest: None, tag: None, door };
        ecr.push(&push_in, Timestamp::UNIX_EPOCH).unwrap();
        push(&mut ecr, &manifest, "v3").unwrap();
    }

    #[test]
    fn the_same_push_over_the_registrys_api_is_refused_for_an_immutable_tag_unless_told_otherwise() {
        let mut ecr = with_repository("IMMUTABLE");
        push_there(&mut ecr, &manifest("1"), "v1").unwrap();
        let again = push_there(&mut ecr, &manifest("1"), "v1").unwrap_err();
        assert_eq!(again.code, "ImageTagAlreadyExistsException");
        ecr.set_knobs(RegistryKnobs { refuse_same_push: false, ..RegistryKnobs::default() });
        assert_eq!(push_there(&mut ecr, &manifest("1"), "v1").unwrap(), sha256(manifest("1")));
        let other = push_there(&mut ecr, &manifest("2"), "v1").unwrap_err();
        assert_eq!(other.code, "ImageTagAlreadyExistsException");
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
