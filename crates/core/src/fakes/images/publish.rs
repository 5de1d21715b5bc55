//! What copying, uploading and tagging do to the fake registries.
//!
//! There are no bytes, so nothing is ever corrupted here unless a test says so with [`FakeImages::refuse`].

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    fakes::mishap::locked,
    identifier::{Digest, ImageReference, Repository, TagName, TaggedImage},
    ports::{ImageContents, ImageLayout, ImagePresence, Moved, PublishError, Published, Tagged, WhenTaken},
};

use super::{
    FakeImages,
    fake::{Image, Kept, opaque},
};

type Repositories = BTreeMap<Repository, Kept>;

pub(super) fn contents(fake: &FakeImages, image: &ImageReference) -> Result<Option<ImageContents>, PublishError> {
    refused(fake)?;
    let repositories = locked(&fake.repositories);
    let kept = open(&repositories, image.repository())?;
    let Some(found) = present(kept, image.digest()) else {
        return Ok(None);
    };
    let (there, missing) = found.children.iter().cloned().partition(|child| present(kept, child).is_some());
    let mut contents = ImageContents { manifests: there, missing, ..ImageContents::default() };
    contents.manifests.insert(image.digest().clone());
    Ok(Some(contents))
}

pub(super) fn copy(fake: &FakeImages, image: &ImageReference, to: &Repository) -> Result<Published, PublishError> {
    refused(fake)?;
    let mut repositories = locked(&fake.repositories);
    let from = open(&repositories, image.repository())?;
    let root = present(from, image.digest()).ok_or_else(|| PublishError::NoImage(image.clone()))?.clone();
    let mut images = BTreeMap::new();
    for child in &root.children {
        let missing = || PublishError::Incomplete { image: image.clone(), missing: child.clone() };
        images.insert(child.clone(), present(from, child).ok_or_else(missing)?.clone());
    }
    images.insert(image.digest().clone(), root);
    let referrers_unknown = locked(&fake.referrers_unknown).clone();
    Ok(Published { referrers_unknown, ..put(&mut repositories, image.digest(), images, to)? })
}

pub(super) fn upload(fake: &FakeImages, layout: &ImageLayout, to: &Repository) -> Result<Published, PublishError> {
    refused(fake)?;
    let unreadable = || PublishError::Layout { folder: layout.folder.clone(), why: "there is none".to_owned() };
    let children = locked(&fake.layouts).get(layout).cloned().ok_or_else(unreadable)?;
    let mut images: BTreeMap<Digest, Image> = children.iter().map(|child| (child.clone(), Image::of(&[]))).collect();
    images.insert(layout.digest.clone(), Image::of(&children));
    put(&mut locked(&fake.repositories), &layout.digest, images, to)
}

pub(super) fn tag(
    fake: &FakeImages,
    image: &ImageReference,
    tag: &TagName,
    when_taken: WhenTaken,
) -> Result<Tagged, PublishError> {
    refused(fake)?;
    let mut repositories = locked(&fake.repositories);
    let kept = open_mut(&mut repositories, image.repository())?;
    let wanted = image.digest();
    present(kept, wanted).ok_or_else(|| PublishError::NoImage(image.clone()))?;
    let may_move = !kept.is_immutable && when_taken == WhenTaken::Move;
    let tagged = match kept.tags.get(tag) {
        Some(found) if found == wanted => return Ok(Tagged::AlreadyThere),
        Some(found) if may_move => Tagged::Moved { from: found.clone() },
        Some(found) => {
            let tag = TaggedImage { repository: image.repository().clone(), tag: tag.clone() };
            return Err(PublishError::TagTaken { tag, wanted: wanted.clone(), found: found.clone() });
        }
        None => Tagged::Set,
    };
    kept.tags.insert(tag.clone(), wanted.clone());
    Ok(tagged)
}

fn put(
    repositories: &mut Repositories,
    root: &Digest,
    images: BTreeMap<Digest, Image>,
    to: &Repository,
) -> Result<Published, PublishError> {
    let kept = open_mut(repositories, to)?;
    let there: BTreeSet<Digest> = images.keys().filter(|digest| present(kept, digest).is_some()).cloned().collect();
    let manifests = Moved { there: there.len(), sent: images.len() - there.len(), ..Moved::default() };
    kept.images.extend(images.into_iter().filter(|(digest, _)| !there.contains(digest)));
    let image = ImageReference::new(to.clone(), root.clone());
    Ok(Published { image, manifests, blobs: Moved::default(), referrers_unknown: None })
}

fn present<'a>(kept: &'a Kept, digest: &Digest) -> Option<&'a Image> {
    kept.images.get(digest).filter(|image| image.presence == ImagePresence::Present)
}

fn refused(fake: &FakeImages) -> Result<(), PublishError> {
    locked(&fake.refusals).pop_front().map_or(Ok(()), Err)
}

fn open<'a>(repositories: &'a Repositories, name: &Repository) -> Result<&'a Kept, PublishError> {
    match repositories.get(name) {
        Some(kept) if kept.is_opaque => Err(opaque("ecr:BatchGetImage").into()),
        Some(kept) => Ok(kept),
        None => Err(PublishError::NoRepository(name.clone())),
    }
}

fn open_mut<'a>(repositories: &'a mut Repositories, name: &Repository) -> Result<&'a mut Kept, PublishError> {
    open(repositories, name)?;
    repositories.get_mut(name).ok_or_else(|| PublishError::NoRepository(name.clone()))
}
