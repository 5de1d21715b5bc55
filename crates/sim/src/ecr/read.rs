//! `BatchGetImage`, `DescribeImages` and `ListImages`.
//!
//! A guess: `BatchGetImage` answers an image only in a media type that the caller accepts (without a list: a single image, never an index), and converts nothing.

use serde_json::{Value, json};

use super::{
    image::{Image, ImageId},
    manifest::{Manifest, is_index},
    push,
    registry::Ecr,
    repository::Repository,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

pub(super) fn batch_get(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(
        input,
        &[
            "registryId",
            "repositoryName",
            "imageIds",
            "acceptedMediaTypes",
        ],
    )?;
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
                let id = ImageId {
                    digest: Some(digest.to_owned()),
                    tag: id.tag,
                };
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
    let is_accepted = if accepted.is_empty() {
        !is_index(&image.media_type)
    } else {
        accepted.contains(&image.media_type.as_str())
    };
    if is_accepted {
        return Ok((digest, image));
    }
    Err((
        "ImageNotFound",
        format!(
            "Requested image not found: its media type {} is not among the accepted ones",
            image.media_type
        ),
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
    let is_mismatch = id.digest.is_some()
        && id
            .tag
            .as_ref()
            .is_some_and(|tag| repository.tags.contains_key(tag));
    let failure = if is_mismatch {
        (
            "ImageTagDoesNotMatchDigest",
            "Requested tag does not match the requested digest",
        )
    } else {
        ("ImageNotFound", "Requested image not found")
    };
    Err((failure.0, failure.1.to_owned()))
}

pub(super) fn failure(id: &ImageId, code: &str, reason: &str) -> Value {
    json!({"imageId": id.shown(), "failureCode": code, "failureReason": reason})
}

pub(super) fn read_ids(members: &Members<'_>) -> Result<Vec<ImageId>, AwsError> {
    members
        .list("imageIds")?
        .iter()
        .map(ImageId::read)
        .collect()
}

const DESCRIBE: &[&str] = &[
    "registryId",
    "repositoryName",
    "imageIds",
    "nextToken",
    "maxResults",
    "filter",
];

pub(super) fn describe(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, DESCRIBE)?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let ids = read_ids(&members)?;
    if !ids.is_empty()
        && (members.has("nextToken") || members.has("maxResults") || members.has("filter"))
    {
        return Err(invalid(
            "imageIds",
            "must not be given together with maxResults, nextToken or filter",
        ));
    }
    if ids.len() > 100 {
        return Err(invalid("imageIds", "must have at most 100 items"));
    }
    let digests = if ids.is_empty() {
        let filter = Filter::read(&members)?;
        repository
            .images
            .keys()
            .map(String::as_str)
            .filter(|digest| filter.lets_pass(repository, digest))
            .collect()
    } else {
        ids.iter()
            .map(|id| existing(ecr, repository, id))
            .collect::<Result<Vec<_>, _>>()?
    };
    let page = Page::cut(
        digests,
        members.text("nextToken")?,
        page_size(members.whole("maxResults")?, 100, 1000)?,
    )?;
    let details: Vec<_> = page
        .items
        .iter()
        .filter_map(|digest| detail(ecr, repository, digest))
        .collect();
    Ok(paged("imageDetails", &details, page.next))
}

fn existing<'a>(ecr: &Ecr, repository: &'a Repository, id: &ImageId) -> Result<&'a str, AwsError> {
    if let Some((_, reason)) = id.defect() {
        return Err(AwsError::client("InvalidParameterException", reason));
    }
    let text = |part: &Option<String>| {
        part.as_ref()
            .map_or("null".to_owned(), |part| format!("'{part}'"))
    };
    repository.find(id).map(|(digest, _)| digest).ok_or_else(|| {
        AwsError::client(
            "ImageNotFoundException",
            format!(
                "The image with imageId {{imageDigest:{}, imageTag:{}}} does not exist within the repository with name '{}' in the registry with id '{}'",
                text(&id.digest), text(&id.tag), repository.name, ecr.account
            ),
        )
    })
}

fn detail(ecr: &Ecr, repository: &Repository, digest: &str) -> Option<Value> {
    let image = repository.images.get(digest)?;
    let mut detail = json!({
        "registryId": ecr.account,
        "repositoryName": repository.name,
        "imageDigest": digest,
        "imageSizeInBytes": size(repository, image),
        "imagePushedAt": epoch_seconds(image.pushed_at),
        "imageManifestMediaType": image.media_type,
        "imageStatus": "ACTIVE",
    });
    let tags = repository.tags_of(digest);
    if !tags.is_empty() {
        detail["imageTags"] = tags.into();
    }
    Some(detail)
}

/// The bytes of an image; of an index, those of its largest image.
fn size(repository: &Repository, image: &Image) -> u64 {
    let Ok(manifest) = Manifest::read(&image.manifest) else {
        return 0;
    };
    let children = manifest
        .children()
        .filter_map(|child| repository.images.get(child));
    let sizes = children
        .filter_map(|child| Manifest::read(&child.manifest).ok())
        .map(|child| child.size());
    sizes.max().unwrap_or_else(|| manifest.size())
}

pub(super) fn list(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(
        input,
        &[
            "registryId",
            "repositoryName",
            "nextToken",
            "maxResults",
            "filter",
        ],
    )?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let filter = Filter::read(&members)?;
    let digests = repository
        .images
        .keys()
        .filter(|digest| filter.lets_pass(repository, digest));
    let ids = digests.flat_map(|digest| {
        let tags = repository.tags_of(digest);
        let untagged = tags.is_empty().then(|| json!({"imageDigest": digest}));
        let tagged = tags
            .into_iter()
            .map(move |tag| json!({"imageDigest": digest, "imageTag": tag}));
        tagged.chain(untagged)
    });
    let page = Page::cut(
        ids.collect(),
        members.text("nextToken")?,
        page_size(members.whole("maxResults")?, 100, 1000)?,
    )?;
    Ok(paged("imageIds", &page.items, page.next))
}

fn paged(member: &str, items: &[Value], next: Option<String>) -> Value {
    let mut answer = json!({member: items});
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    answer
}

/// Which images a list shows.
struct Filter {
    /// Only tagged (`true`) or only untagged (`false`) ones.
    tagged: Option<bool>,
    /// Only archived ones, of which there are none.
    is_empty: bool,
}

impl Filter {
    fn read(members: &Members<'_>) -> Result<Self, AwsError> {
        let Some(filter) = members.object("filter", &["tagStatus", "imageStatus"])? else {
            return Ok(Self {
                tagged: None,
                is_empty: false,
            });
        };
        let tagged = match filter.text("tagStatus")? {
            None | Some("ANY") => None,
            Some("TAGGED") => Some(true),
            Some("UNTAGGED") => Some(false),
            Some(_) => return Err(invalid("tagStatus", "must be TAGGED, UNTAGGED or ANY")),
        };
        match filter.text("imageStatus")? {
            None | Some("ANY" | "ACTIVE") => Ok(Self {
                tagged,
                is_empty: false,
            }),
            Some("ARCHIVED" | "ACTIVATING") => Ok(Self {
                tagged,
                is_empty: true,
            }),
            Some(_) => Err(invalid(
                "imageStatus",
                "must be ACTIVE, ARCHIVED, ACTIVATING or ANY",
            )),
        }
    }

    fn lets_pass(&self, repository: &Repository, digest: &str) -> bool {
        let is_tagged = || repository.tags.values().any(|tagged| tagged == digest);
        !self.is_empty && self.tagged.is_none_or(|tagged| tagged == is_tagged())
    }
}

fn invalid(member: &str, constraint: &str) -> AwsError {
    AwsError::client(
        "InvalidParameterException",
        format!("Invalid parameter at '{member}' failed to satisfy constraint: '{constraint}'"),
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn shop() -> (Ecr, String) {
        let mut ecr = Ecr::new("111111111111", "us-west-2");
        let mut call = |operation: &str, input: Value| {
            ecr.call(operation, &input, Timestamp::UNIX_EPOCH).unwrap()
        };
        call("CreateRepository", json!({"repositoryName": "shop-api"}));
        let manifest = Manifest::made_up("shop-api", "1", "");
        let put = call(
            "PutImage",
            json!({"repositoryName": "shop-api", "imageManifest": manifest, "imageTag": "v1"}),
        );
        let digest = put["image"]["imageId"]["imageDigest"]
            .as_str()
            .unwrap()
            .to_owned();
        call(
            "PutImage",
            json!({"repositoryName": "shop-api", "imageManifest": Manifest::made_up("shop-api", "2", "")}),
        );
        (ecr, digest)
    }

    fn call(operation: &str, input: &Value) -> Result<Value, AwsError> {
        shop().0.call(operation, input, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn every_bad_name_fails_for_itself() {
        let ids = json!([
            {"imageTag": "v1"}, {"imageTag": "v9"}, {}, {"imageDigest": "sha256:12"}, {"imageTag": "-"},
            {"imageTag": "v1", "imageDigest": crate::api::sha256("other")},
        ]);
        let answer = call(
            "BatchGetImage",
            &json!({"repositoryName": "shop-api", "imageIds": ids}),
        )
        .unwrap();
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
        assert_eq!(
            ask("application/vnd.oci.image.manifest.v1+json").unwrap()["failures"],
            json!([])
        );
        assert_eq!(
            ask("application/vnd.oci.image.index.v1+json").unwrap()["images"],
            json!([])
        );
    }

    #[test]
    fn describing_a_missing_image_is_an_exception() {
        let error = call(
            "DescribeImages",
            &json!({"repositoryName": "shop-api", "imageIds": [{"imageTag": "v9"}]}),
        )
        .unwrap_err();
        assert_eq!(error.code, "ImageNotFoundException");
        assert!(
            error.message.contains("{imageDigest:null, imageTag:'v9'}"),
            "{}",
            error.message
        );
    }

    #[test]
    fn images_are_listed_by_whether_they_are_tagged() {
        let (mut ecr, digest) = shop();
        let mut list = |status: &str| {
            let input = json!({"repositoryName": "shop-api", "filter": {"tagStatus": status}});
            ecr.call("ListImages", &input, Timestamp::UNIX_EPOCH)
                .unwrap()["imageIds"]
                .clone()
        };
        assert_eq!(
            list("TAGGED"),
            json!([{"imageDigest": digest, "imageTag": "v1"}])
        );
        assert_eq!(list("UNTAGGED").as_array().unwrap().len(), 1);
        assert_eq!(list("ANY").as_array().unwrap().len(), 2);
    }
}
