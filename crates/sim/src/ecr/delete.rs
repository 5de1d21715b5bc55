//! `BatchDeleteImage`: taking tags off images, and images away.
//!
//! Deleting the last tag of an image deletes the image, as ECR does.

use serde_json::{Value, json};

use super::{get, image::ImageId, manifest::Manifest, registry::Ecr, repository::Repository};
use crate::{api::Members, fault::AwsError};

pub(super) fn batch_delete(ecr: &mut Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "imageIds"])?;
    let repository = ecr.repository_mut(members.required_text("repositoryName")?)?;
    let ids = get::read_ids(&members)?;
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        match delete(repository, &id) {
            Ok(gone) => deleted.extend(gone.iter().map(ImageId::shown)),
            Err((code, reason)) => failures.push(get::failure(&id, code, &reason)),
        }
    }
    Ok(json!({"imageIds": deleted, "failures": failures}))
}

pub(super) fn delete(repository: &mut Repository, id: &ImageId) -> Result<Vec<ImageId>, (&'static str, String)> {
    let digest = get::find(repository, id)?.0.to_owned();
    let tags: Vec<_> = repository.tags_of(&digest).into_iter().map(str::to_owned).collect();
    let by_tag = id.tag.as_ref().filter(|_| id.digest.is_none());
    if let Some(tag) = by_tag.filter(|_| tags.len() > 1) {
        repository.tags.remove(tag);
        return Ok(vec![ImageId { digest: Some(digest), tag: Some(tag.clone()) }]);
    }
    if let Some(index) = referring(repository, &digest) {
        return Err((
            "ImageReferencedByManifestList",
            format!("Requested image referenced by manifest list: [{index}]"),
        ));
    }
    repository.remove(&digest);
    let gone = |tag| ImageId { digest: Some(digest.clone()), tag };
    Ok(if tags.is_empty() { vec![gone(None)] } else { tags.into_iter().map(|tag| gone(Some(tag))).collect() })
}

/// The digest of an index that refers to the image with `digest`.
pub(super) fn referring<'a>(repository: &'a Repository, digest: &str) -> Option<&'a str> {
    let refers = |manifest: &str| {
        Manifest::read(manifest).is_ok_and(|manifest| manifest.children().any(|child| child == digest))
    };
    repository.images.iter().find(|(_, image)| refers(&image.manifest)).map(|(index, _)| index.as_str())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_image_goes_with_its_last_tag() {
        let mut ecr = crate::ecr::get::tests::without_layers();
        let mut call = |operation: &str, input: Value| ecr.call(operation, &input, Timestamp::UNIX_EPOCH).unwrap();
        call("CreateRepository", json!({"repositoryName": "shop-api"}));
        let manifest = crate::ecr::made_up::image("shop-api", "1", "").manifest;
        for tag in ["v1", "latest"] {
            call("PutImage", json!({"repositoryName": "shop-api", "imageManifest": manifest, "imageTag": tag}));
        }
        let mut delete = |tag: &str| {
            call("BatchDeleteImage", json!({"repositoryName": "shop-api", "imageIds": [{"imageTag": tag}]}));
            call("ListImages", json!({"repositoryName": "shop-api"}))["imageIds"].as_array().unwrap().len()
        };
        assert_eq!(delete("v1"), 1);
        assert_eq!(delete("latest"), 0);
    }
}
