//! Brings a whole image to a repository: layers first, then manifests, each after all that it names; no name.
//!
//! What is there is left alone, so that a run that broke off is made again and goes on. At the end everything that
//! was sent is read back.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use towpath_core::{
    identifier::{Digest, ImageReference},
    ports::{Moved, PublishError, Published},
};

use super::{
    gather::{Gathered, gather},
    manifest::{Entry, Manifest},
    origin::Origin,
    remote::Remote,
    upload::How,
};

/// How many layers are brought at the same time.
const AT_ONCE: usize = 4;

/// Brings the image with this digest, and what refers to it.
pub(crate) async fn bring(origin: &Origin, root: &Digest, to: &Remote) -> Result<Published, PublishError> {
    let gathered = gathered(origin, root, to).await?;
    let mut absent = Vec::new();
    for manifest in &gathered.manifests {
        if !is_there(to, manifest).await? {
            absent.push(manifest);
        }
    }
    let blobs = bring_blobs(origin, to, root, Gathered::blobs(absent.iter().copied())).await?;
    for manifest in &absent {
        let (media_type, bytes) = (&manifest.media_type, manifest.bytes.clone());
        to.put_manifest(&manifest.digest, media_type, bytes).await.map_err(|failed| to.named(failed))?;
    }
    let image = ImageReference::new(to.repository().clone(), root.clone());
    read_back(to, &image, &absent).await?;
    let manifests = Moved {
        there: gathered.manifests.len() - absent.len(),
        mounted: 0,
        sent: absent.len(),
        bytes: absent.iter().map(|manifest| manifest.bytes.len() as u64).sum(),
    };
    Ok(Published { image, manifests, blobs, referrers_unknown: gathered.referrers_unknown })
}

/// All of the image, where it is all there and something that can run.
async fn gathered(origin: &Origin, root: &Digest, to: &Remote) -> Result<Gathered, PublishError> {
    let repository = origin.repository().unwrap_or(to.repository());
    let image = ImageReference::new(repository.clone(), root.clone());
    let gathered = gather(origin, root).await?;
    let absent = || match origin {
        Origin::Remote(_) => PublishError::NoImage(image.clone()),
        Origin::Layout(layout, _) => layout.unreadable(&format!("it has no {root}")),
    };
    let gathered = gathered.ok_or_else(absent)?;
    gathered.require_whole(&image)?;
    let cannot_run = gathered.manifests.iter().find(|manifest| manifest.digest == *root);
    match cannot_run.and_then(|manifest| manifest.cannot_run.clone()) {
        Some(why) => Err(PublishError::Unsupported { image: origin.image(root), why }),
        None => Ok(gathered),
    }
}

/// Whether a manifest is there; that its repository is, is told with it.
async fn is_there(to: &Remote, manifest: &Manifest) -> Result<bool, PublishError> {
    to.has_manifest(&manifest.digest).await.map_err(|failed| to.named(failed))
}

async fn bring_blobs(origin: &Origin, to: &Remote, root: &Digest, blobs: Vec<Entry>) -> Result<Moved, PublishError> {
    let brought = blobs.into_iter().map(|blob: Entry| async move {
        let how = to.bring_blob(origin, &blob).await.map_err(|error| of_image(error, origin, root))?;
        Ok::<_, PublishError>((how, blob.size))
    });
    let brought = stream::iter(brought).buffer_unordered(AT_ONCE);
    brought.try_fold(Moved::default(), |moved, (how, size)| async move { Ok(counted(moved, how, size)) }).await
}

/// What is wrong with a layer is wrong with the image.
fn of_image(error: PublishError, origin: &Origin, root: &Digest) -> PublishError {
    match error {
        PublishError::Incomplete { image, missing } => {
            let repository = origin.repository().unwrap_or(image.repository()).clone();
            PublishError::Incomplete { image: ImageReference::new(repository, root.clone()), missing }
        }
        PublishError::Unsupported { why, .. } => PublishError::Unsupported { image: origin.image(root), why },
        other => other,
    }
}

fn counted(moved: Moved, how: How, size: u64) -> Moved {
    match how {
        How::There => Moved { there: moved.there + 1, ..moved },
        How::Mounted => Moved { mounted: moved.mounted + 1, ..moved },
        How::Sent => Moved { sent: moved.sent + 1, bytes: moved.bytes + size, ..moved },
    }
}

/// Reads everything that was sent, and the image itself in any case, from where it is now.
async fn read_back(to: &Remote, image: &ImageReference, sent: &[&Manifest]) -> Result<(), PublishError> {
    let there = Origin::Remote(to.clone());
    let digests = sent.iter().map(|manifest| &manifest.digest).filter(|digest| *digest != image.digest());
    for digest in digests.chain([image.digest()]) {
        if there.manifest(digest, None).await?.is_none() {
            return Err(PublishError::Incomplete { image: image.clone(), missing: digest.clone() });
        }
    }
    Ok(())
}
