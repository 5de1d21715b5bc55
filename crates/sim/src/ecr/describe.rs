//! `DescribeImages` and `ListImages`.
//!
//! Every image is active: nothing is archived.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    error::invalid,
    get::read_ids,
    image::{Image, ImageId},
    manifest::Manifest,
    registry::Ecr,
    repository::Repository,
};
use crate::{
    api::{Members, Page, epoch_seconds, page_size},
    fault::AwsError,
};

const DESCRIBE: &[&str] = &["registryId", "repositoryName", "imageIds", "nextToken", "maxResults", "filter"];

pub(super) fn describe(ecr: &Ecr, input: &Value, now: Timestamp) -> Result<Value, AwsError> {
    let members = Members::of(input, DESCRIBE)?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let ids = read_ids(&members)?;
    if !ids.is_empty() && (members.has("nextToken") || members.has("maxResults") || members.has("filter")) {
        return Err(invalid("imageIds", "must not be given together with maxResults, nextToken or filter"));
    }
    if ids.len() > 100 {
        return Err(invalid("imageIds", "must have at most 100 items"));
    }
    let digests = if ids.is_empty() {
        let filter = Filter::read(&members)?;
        repository.images.keys().map(String::as_str).filter(|digest| filter.lets_pass(repository, digest)).collect()
    } else {
        ids.iter().map(|id| existing(ecr, repository, id)).collect::<Result<Vec<_>, _>>()?
    };
    let page = Page::cut(digests, members.text("nextToken")?, page_size(members.whole("maxResults")?, 100, 1000)?)?;
    let details: Vec<_> = page.items.iter().filter_map(|digest| detail(ecr, repository, digest, now)).collect();
    Ok(paged("imageDetails", &details, page.next))
}

pub(super) fn existing<'a>(ecr: &Ecr, repository: &'a Repository, id: &ImageId) -> Result<&'a str, AwsError> {
    if let Some((_, reason)) = id.defect() {
        return Err(AwsError::client("InvalidParameterException", reason));
    }
    let text = |part: &Option<String>| part.as_ref().map_or("null".to_owned(), |part| format!("'{part}'"));
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

fn detail(ecr: &Ecr, repository: &Repository, digest: &str, now: Timestamp) -> Option<Value> {
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
    if let Some(pulled_at) = image.pulled_at {
        detail["lastRecordedPullTime"] = epoch_seconds(pulled_at);
    }
    let scan = ecr.scan_shown(&repository.name, digest, now).filter(|_| ecr.knobs.scans_in_images);
    if let Some((status, summary)) = scan {
        detail["imageScanStatus"] = status;
        if !summary.is_null() {
            detail["imageScanFindingsSummary"] = summary;
        }
    }
    let manifest = Manifest::read(&image.manifest).ok();
    if let Some(subject) = manifest.as_ref().and_then(Manifest::subject) {
        detail["subjectManifestDigest"] = subject.into();
    }
    if let Some(kind) = manifest.as_ref().and_then(Manifest::artifact_type) {
        detail["artifactMediaType"] = kind.into();
    }
    Some(detail)
}

/// The bytes of an image; of an index, those of its largest image.
fn size(repository: &Repository, image: &Image) -> u64 {
    let Ok(manifest) = Manifest::read(&image.manifest) else {
        return 0;
    };
    let children = manifest.children().filter_map(|child| repository.images.get(child));
    let sizes = children.filter_map(|child| Manifest::read(&child.manifest).ok()).map(|child| child.size());
    sizes.max().unwrap_or_else(|| manifest.size())
}

pub(super) fn list(ecr: &Ecr, input: &Value) -> Result<Value, AwsError> {
    let members = Members::of(input, &["registryId", "repositoryName", "nextToken", "maxResults", "filter"])?;
    let repository = ecr.repository(members.required_text("repositoryName")?)?;
    let filter = Filter::read(&members)?;
    let digests = repository.images.keys().filter(|digest| filter.lets_pass(repository, digest));
    let ids = digests.flat_map(|digest| {
        let tags = repository.tags_of(digest);
        let untagged = tags.is_empty().then(|| json!({"imageDigest": digest}));
        let tagged = tags.into_iter().map(move |tag| json!({"imageDigest": digest, "imageTag": tag}));
        tagged.chain(untagged)
    });
    let page =
        Page::cut(ids.collect(), members.text("nextToken")?, page_size(members.whole("maxResults")?, 100, 1000)?)?;
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
            return Ok(Self { tagged: None, is_empty: false });
        };
        let tagged = match filter.text("tagStatus")? {
            None | Some("ANY") => None,
            Some("TAGGED") => Some(true),
            Some("UNTAGGED") => Some(false),
            Some(_) => return Err(invalid("tagStatus", "must be TAGGED, UNTAGGED or ANY")),
        };
        match filter.text("imageStatus")? {
            None | Some("ANY" | "ACTIVE") => Ok(Self { tagged, is_empty: false }),
            Some("ARCHIVED" | "ACTIVATING") => Ok(Self { tagged, is_empty: true }),
            Some(_) => Err(invalid("imageStatus", "must be ACTIVE, ARCHIVED, ACTIVATING or ANY")),
        }
    }

    fn lets_pass(&self, repository: &Repository, digest: &str) -> bool {
        let is_tagged = || repository.tags.values().any(|tagged| tagged == digest);
        !self.is_empty && self.tagged.is_none_or(|tagged| tagged == is_tagged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::get::tests::{call, shop};

    #[test]
    fn describing_a_missing_image_is_an_exception() {
        let error = call("DescribeImages", &json!({"repositoryName": "shop-api", "imageIds": [{"imageTag": "v9"}]}))
            .unwrap_err();
        assert_eq!(error.code, "ImageNotFoundException");
        assert!(error.message.contains("{imageDigest:null, imageTag:'v9'}"), "{}", error.message);
    }

    #[test]
    fn images_are_listed_by_whether_they_are_tagged() {
        let (mut ecr, digest) = shop();
        let mut list = |status: &str| {
            let input = json!({"repositoryName": "shop-api", "filter": {"tagStatus": status}});
            ecr.call("ListImages", &input, Timestamp::UNIX_EPOCH).unwrap()["imageIds"].clone()
        };
        assert_eq!(list("TAGGED"), json!([{"imageDigest": digest, "imageTag": "v1"}]));
        assert_eq!(list("UNTAGGED").as_array().unwrap().len(), 1);
        assert_eq!(list("ANY").as_array().unwrap().len(), 2);
    }
}
