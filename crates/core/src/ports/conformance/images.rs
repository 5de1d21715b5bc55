//! What every [`Images`] must do when it brings images to a repository, as checks that any implementation can run.
//!
//! What goes wrong on the way (corruption, throttling, lost answers) is each implementation's own to test.

use crate::{
    identifier::{Digest, ImageReference, Repository, TagName, TaggedImage},
    ports::{ImageContents, ImagePresence, Images, PublishError, Tagged, WhenTaken},
};

/// What the checks work with.
#[derive(Debug, Clone)]
pub struct Stage {
    /// An image that is there.
    pub image: ImageReference,
    /// Another one, in the same repository.
    pub other: ImageReference,
    /// A repository that is there and has no images.
    pub to: Repository,
    /// A repository that is not there.
    pub nowhere: Repository,
}

/// Runs every check.
///
/// # Errors
/// The first guarantee that does not hold, in words.
pub async fn check(images: &dyn Images, stage: &Stage) -> Result<(), String> {
    what_is_missing_is_named(images, stage).await?;
    a_copy_is_the_same_image(images, stage).await?;
    a_copy_again_sends_nothing(images, stage).await?;
    a_tag_stays_on_its_image(images, stage).await
}

fn hold(holds: bool, guarantee: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(guarantee.to_owned()) }
}

fn works<T>(result: Result<T, PublishError>, what: &str) -> Result<T, String> {
    result.map_err(|error| format!("{what}: {error}"))
}

async fn what_is_missing_is_named(images: &dyn Images, stage: &Stage) -> Result<(), String> {
    let absent = ImageReference::new(stage.image.repository().clone(), Digest::of(b"absent"));
    let error = images.copy(&absent, &stage.to).await.err();
    hold(error == Some(PublishError::NoImage(absent.clone())), "an image that is not there is named")?;
    let error = images.copy(&stage.image, &stage.nowhere).await.err();
    let expected = PublishError::NoRepository(stage.nowhere.clone());
    hold(error.as_ref() == Some(&expected), "a repository that is not there is named when copying to it")?;
    let error = images.tag(&absent, &name("v1"), WhenTaken::Refuse).await.err();
    hold(error == Some(PublishError::NoImage(absent.clone())), "nothing that is not there gets a tag")?;
    let found = works(images.contents(&absent).await, "looking at what is not there")?;
    hold(found.is_none(), "an image that is not there has no contents")
}

async fn a_copy_is_the_same_image(images: &dyn Images, stage: &Stage) -> Result<(), String> {
    let published = works(images.copy(&stage.image, &stage.to).await, "copying")?;
    let copy = ImageReference::new(stage.to.clone(), stage.image.digest().clone());
    hold(published.image == copy, "a copy has the digest of what was copied")?;
    let presence = images.presence(&copy).await;
    hold(presence == Ok(ImagePresence::Present), "a copy can be pulled")?;
    let before = whole(images, &stage.image).await?;
    hold(before == whole(images, &copy).await?, "a copy consists of what the image consists of")
}

async fn whole(images: &dyn Images, image: &ImageReference) -> Result<ImageContents, String> {
    let contents = works(images.contents(image).await, "looking at an image")?;
    let contents = contents.ok_or_else(|| format!("{image} has contents"))?;
    hold(contents.missing.is_empty(), "nothing of an image that was copied is missing")?;
    Ok(contents)
}

async fn a_copy_again_sends_nothing(images: &dyn Images, stage: &Stage) -> Result<(), String> {
    let again = works(images.copy(&stage.image, &stage.to).await, "copying again")?;
    hold(again.manifests.sent == 0 && again.blobs.sent == 0, "what is there is not sent again")
}

async fn a_tag_stays_on_its_image(images: &dyn Images, stage: &Stage) -> Result<(), String> {
    let copy = ImageReference::new(stage.to.clone(), stage.image.digest().clone());
    let other = works(images.copy(&stage.other, &stage.to).await, "copying another image")?.image;
    let tag = name("conformance-v1");
    let tagged = TaggedImage { repository: stage.to.clone(), tag: tag.clone() };
    hold(images.tag(&copy, &tag, WhenTaken::Refuse).await == Ok(Tagged::Set), "a free tag is set")?;
    let again = images.tag(&copy, &tag, WhenTaken::Refuse).await;
    hold(again == Ok(Tagged::AlreadyThere), "a tag that is there already is success")?;
    let taken = images.tag(&other, &tag, WhenTaken::Refuse).await.err();
    let (wanted, found) = (other.digest().clone(), copy.digest().clone());
    let expected = PublishError::TagTaken { tag: tagged.clone(), wanted, found };
    hold(taken == Some(expected), "a tag on another image is refused with both digests")?;
    let resolved = images.resolve(&tagged).await;
    hold(resolved == Ok(Some(copy.digest().clone())), "a refused tag stays where it was")?;
    let moved = images.tag(&other, &tag, WhenTaken::Move).await;
    hold(moved == Ok(Tagged::Moved { from: copy.digest().clone() }), "a tag that may move moves")?;
    let resolved = images.resolve(&tagged).await;
    hold(resolved == Ok(Some(other.digest().clone())), "a tag that has moved names the other image")
}

fn name(tag: &str) -> TagName {
    tag.parse().expect("the checks' tags are plain")
}
